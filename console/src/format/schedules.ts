/** When an action is to be done, in words: the small part of iCalendar's recurrence rules that the API uses. */
import { calendarDate } from "./times.ts";

const DAYS: Record<string, string> = {
  MO: "Monday",
  TU: "Tuesday",
  WE: "Wednesday",
  TH: "Thursday",
  FR: "Friday",
  SA: "Saturday",
  SU: "Sunday",
};

/** "Every day at 08:00 and 20:30", "Every week on Monday and Friday". A rule it cannot read is shown as it is, never guessed. */
export function scheduleInWords(schedule: { rrule: string; starts_on: string; times: readonly string[] }): string {
  const rule = new Map(schedule.rrule.split(";").map((part) => part.split("=", 2) as [string, string]));
  const days = daysInWords(rule, schedule.starts_on);
  if (days === null) return schedule.rrule;
  return schedule.times.length === 0 ? days : `${days} at ${listInWords(schedule.times)}`;
}

function daysInWords(rule: ReadonlyMap<string, string>, startsOn: string): string | null {
  const unit = { DAILY: "day", WEEKLY: "week" }[rule.get("FREQ") ?? ""];
  if (unit === undefined) return null;
  if (rule.get("COUNT") === "1") return `Once, on ${calendarDate(startsOn)}`;
  const interval = Number(rule.get("INTERVAL") ?? "1");
  const every = interval === 1 ? `Every ${unit}` : `Every ${interval} ${unit}s`;
  const weekdays = rule.get("BYDAY")?.split(",").map((day) => DAYS[day] ?? day);
  const on = weekdays === undefined ? "" : ` on ${listInWords(weekdays)}`;
  return every + on + endInWords(rule);
}

function endInWords(rule: ReadonlyMap<string, string>): string {
  const count = rule.get("COUNT");
  if (count !== undefined) return `, ${count} times`;
  const until = /^(\d{4})(\d{2})(\d{2})$/.exec(rule.get("UNTIL") ?? "");
  return until === null ? "" : `, until ${calendarDate(`${until[1]}-${until[2]}-${until[3]}`)}`;
}

/** "a", "a and b", "a, b and c". */
export function listInWords(parts: readonly string[]): string {
  return new Intl.ListFormat("en-GB", { type: "conjunction" }).format(parts);
}

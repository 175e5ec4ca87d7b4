/** When an action is to be done, in words: the part of iCalendar's recurrence rules that the API takes. */
import { calendarDate } from "./times.ts";

const UNITS: Record<string, string> = { DAILY: "day", WEEKLY: "week", MONTHLY: "month", YEARLY: "year" };
const DAYS: Record<string, string> = {
  MO: "Monday",
  TU: "Tuesday",
  WE: "Wednesday",
  TH: "Thursday",
  FR: "Friday",
  SA: "Saturday",
  SU: "Sunday",
};
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const PLACES: Record<number, string> = { 1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth" };
const READABLE = new Set(["FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "COUNT", "UNTIL", "WKST"]);

type Rule = ReadonlyMap<string, string>;

/** "Every day at 08:00 and 20:30", "Every month on the last Friday". A rule it cannot read is shown as it is, never guessed. */
export function scheduleInWords(schedule: { rrule: string; starts_on: string; times: readonly string[]; except_on?: readonly string[] }): string {
  const rule = new Map(schedule.rrule.split(";").map((part) => part.split("=", 2) as [string, string]));
  const days = daysInWords(rule, schedule.starts_on);
  if (days === null) return schedule.rrule;
  const at = schedule.times.length === 0 ? "" : ` at ${listInWords(schedule.times)}`;
  const leftOut = schedule.except_on ?? [];
  return days + at + (leftOut.length === 0 ? "" : `, but not on ${listInWords(leftOut.map(calendarDate))}`);
}

function daysInWords(rule: Rule, startsOn: string): string | null {
  const frequency = rule.get("FREQ") ?? "";
  const unit = UNITS[frequency];
  if (unit === undefined || [...rule.keys()].some((name) => !READABLE.has(name))) return null;
  const byNothing = !["BYDAY", "BYMONTHDAY", "BYMONTH"].some((name) => rule.has(name));
  if (rule.get("COUNT") === "1" && byNothing) return `Once, on ${calendarDate(startsOn)}`;
  const interval = Number(rule.get("INTERVAL") ?? "1");
  const every = interval === 1 ? `Every ${unit}` : `Every ${interval} ${unit}s`;
  const months = monthsOf(rule, frequency, startsOn);
  return every + (months.length === 0 ? "" : ` in ${listInWords(months)}`) + onWhichDays(rule, frequency, startsOn) + endInWords(rule);
}

function monthsOf(rule: Rule, frequency: string, startsOn: string): string[] {
  const given = rule.get("BYMONTH") ?? (frequency === "YEARLY" ? startsOn.slice(5, 7) : undefined);
  return (given?.split(",") ?? []).map((month) => MONTHS[Number(month) - 1] ?? month);
}

function onWhichDays(rule: Rule, frequency: string, startsOn: string): string {
  const byMonth = frequency === "MONTHLY" || frequency === "YEARLY";
  const fromStart = byMonth && !rule.has("BYDAY") ? startsOn.slice(8, 10) : undefined;
  const dates = (rule.get("BYMONTHDAY") ?? fromStart)?.split(",").map((day) => `the ${nthDay(Number(day))}`) ?? [];
  const weekdays = rule.get("BYDAY")?.split(",").map((day) => weekdayInWords(day, byMonth && dates.length === 0)) ?? [];
  if (dates.length > 0 && weekdays.length > 0) return ` on ${listInWords(dates)} if it is a ${weekdays.map((name) => name.replace(/^the /, "")).join(" or ")}`;
  const on = dates.length > 0 ? dates : weekdays;
  return on.length === 0 ? "" : ` on ${listInWords(on)}`;
}

function weekdayInWords(day: string, each: boolean): string {
  const name = DAYS[day.slice(-2)] ?? day;
  const place = Number(day.slice(0, -2));
  if (place === 0) return each ? `each ${name}` : name;
  return `the ${place < 0 ? fromTheEnd(place) : PLACES[place]} ${name}`;
}

function nthDay(day: number): string {
  if (day < 0) return `${fromTheEnd(day)} day`;
  const ending = day > 10 && day < 20 ? "th" : ({ 1: "st", 2: "nd", 3: "rd" }[day % 10] ?? "th");
  return `${day}${ending}`;
}

function fromTheEnd(place: number): string {
  return place === -1 ? "last" : `${PLACES[-place] ?? nthDay(-place)}-last`;
}

function endInWords(rule: Rule): string {
  const count = rule.get("COUNT");
  if (count !== undefined) return count === "1" ? ", once" : `, ${count} times`;
  const until = /^(\d{4})(\d{2})(\d{2})$/.exec(rule.get("UNTIL") ?? "");
  return until === null ? "" : `, until ${calendarDate(`${until[1]}-${until[2]}-${until[3]}`)}`;
}

/** "a", "a and b", "a, b and c". */
export function listInWords(parts: readonly string[]): string {
  return new Intl.ListFormat("en-GB", { type: "conjunction" }).format(parts);
}

/**
 * On which days an action of a plan falls, worked out from the rule that its plan tells (RFC 5545 section 3.3.10, the part that
 * the API takes and tells in one way). For a phone without a network: held against the API's own days in tests/schedules.test.ts.
 * Pure. Days are calendar dates (YYYY-MM-DD), counted in UTC, where no day is shorter than another.
 */
import { daysOn } from "../words/dates.ts";

export interface Schedule {
  readonly rrule: string;
  readonly starts_on: string;
  readonly times: readonly string[];
  readonly except_on: readonly string[];
}

const DAY_MS = 86_400_000;
/** No plan is kept to for longer, as the API has it. */
const LONGEST_RUN_DAYS = 30 * 366;
const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const KNOWN = new Set(["FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "COUNT", "UNTIL", "WKST"]);
const FREQUENCIES = new Set(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]);

interface Weekday {
  /** 0 is Monday. */
  readonly day: number;
  /** Which one of its month, from the end if negative; 0 for each. */
  readonly place: number;
}

interface Rule {
  readonly frequency: string;
  readonly interval: number;
  readonly weekdays: readonly Weekday[];
  readonly monthDays: readonly number[];
  readonly months: readonly number[];
  readonly count: number | null;
  readonly until: string | null;
  readonly weekStart: number;
}

/** The days from `first` to `last`, both included, on which a schedule falls; null when this app cannot read its rule. */
export function daysBetween(schedule: Schedule, first: string, last: string): string[] | null {
  const rule = ruleOf(schedule.rrule);
  if (rule === null) return null;
  const start = schedule.starts_on;
  const end = [last, daysOn(start, LONGEST_RUN_DAYS), ...(rule.until === null ? [] : [rule.until])].reduce((a, b) => (a < b ? a : b));
  const found: string[] = [];
  // A rule with a count is counted from its start; any other begins where one looks.
  let counted = 0;
  for (let day = rule.count === null && first > start ? first : start; day <= end; day = daysOn(day, 1)) {
    if (!falls(rule, start, day)) continue;
    counted += 1;
    if (rule.count !== null && counted > rule.count) break;
    if (day >= first && !schedule.except_on.includes(day)) found.push(day);
  }
  return found;
}

/** What a rule says; null for one with parts that are not known here, which are never skipped. */
export function ruleOf(text: string): Rule | null {
  const parts = new Map(text.split(";").map((part) => part.split("=", 2) as [string, string]));
  const frequency = parts.get("FREQ") ?? "";
  if (!FREQUENCIES.has(frequency) || [...parts.keys()].some((name) => !KNOWN.has(name))) return null;
  const numbers = (name: string): number[] => (parts.get(name)?.split(",") ?? []).map(Number);
  const until = /^(\d{4})(\d{2})(\d{2})$/.exec(parts.get("UNTIL") ?? "");
  return {
    frequency,
    interval: Number(parts.get("INTERVAL") ?? "1"),
    weekdays: (parts.get("BYDAY")?.split(",") ?? []).map((day) => ({ day: WEEKDAYS.indexOf(day.slice(-2)), place: Number(day.slice(0, -2)) })),
    monthDays: numbers("BYMONTHDAY"),
    months: numbers("BYMONTH"),
    count: parts.has("COUNT") ? Number(parts.get("COUNT")) : null,
    until: until === null ? null : `${until[1]}-${until[2]}-${until[3]}`,
    weekStart: WEEKDAYS.indexOf(parts.get("WKST") ?? "MO"),
  };
}

interface Place {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  /** Days since 1970. */
  readonly number: number;
}

function placeOf(date: string): Place {
  const at = new Date(`${date}T00:00:00Z`);
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    weekday: (at.getUTCDay() + 6) % 7,
    number: Math.round(at.getTime() / DAY_MS),
  };
}

function falls(rule: Rule, start: string, day: string): boolean {
  const [from, on] = [placeOf(start), placeOf(day)];
  return turnsBetween(rule, from, on) % rule.interval === 0 && isInMonth(rule, from, on) && isOnDate(rule, from, on) && isOnWeekday(rule, from, on);
}

/** How many days, weeks, months or years lie between, by the calendar. */
function turnsBetween({ frequency, weekStart }: Rule, from: Place, on: Place): number {
  const weekOf = ({ number, weekday }: Place): number => (number - ((weekday - weekStart + 7) % 7)) / 7;
  switch (frequency) {
    case "DAILY":
      return on.number - from.number;
    case "WEEKLY":
      return Math.round(weekOf(on) - weekOf(from));
    case "MONTHLY":
      return 12 * (on.year - from.year) + on.month - from.month;
    default:
      return on.year - from.year;
  }
}

function isInMonth({ frequency, months }: Rule, from: Place, on: Place): boolean {
  if (months.length > 0) return months.includes(on.month);
  return frequency !== "YEARLY" || on.month === from.month;
}

function isOnDate(rule: Rule, from: Place, on: Place): boolean {
  const fromStart = (rule.frequency === "MONTHLY" || rule.frequency === "YEARLY") && rule.weekdays.length === 0;
  const days = rule.monthDays.length > 0 ? rule.monthDays : fromStart ? [from.day] : [];
  const fromEnd = on.day - lengthOfMonth(on) - 1;
  return days.length === 0 || days.includes(on.day) || days.includes(fromEnd);
}

function isOnWeekday({ frequency, weekdays }: Rule, from: Place, on: Place): boolean {
  if (weekdays.length === 0) return frequency !== "WEEKLY" || on.weekday === from.weekday;
  const place = Math.ceil(on.day / 7);
  const fromEnd = -Math.ceil((lengthOfMonth(on) - on.day + 1) / 7);
  return weekdays.some((one) => one.day === on.weekday && (one.place === 0 || one.place === place || one.place === fromEnd));
}

function lengthOfMonth({ year, month }: Place): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

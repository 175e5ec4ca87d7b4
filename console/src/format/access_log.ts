/** Who looked at a record, as it is read: by day, each entry in words; what was opened in an emergency stands out. Pure. */
import type { Access } from "../api/types.ts";
import { calendarDate, minuteOfDay } from "./times.ts";

export interface Day {
  /** The day as the reader's calendar has it. */
  readonly date: string;
  readonly entries: readonly Access[];
}

/** The entries by the reader's own days, in the order in which they came. */
export function byDay(entries: readonly Access[]): Day[] {
  const days: { date: string; entries: Access[] }[] = [];
  for (const entry of entries) {
    const date = dayOf(entry.last_at);
    const last = days.at(-1);
    if (last?.date === date) last.entries.push(entry);
    else days.push({ date, entries: [entry] });
  }
  return days;
}

function dayOf(at: string): string {
  const day = new Date(at);
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

function two(part: number): string {
  return String(part).padStart(2, "0");
}

export function dayInFull(date: string): string {
  return calendarDate(date);
}

/** "Dr Asha Rao, Clinician, Rowan Surgery"; "You". */
export function whoInWords({ who, yourself, role, organisation }: Access): string {
  if (yourself) return "You";
  return [who, role, organisation].filter((part): part is string => part !== null).join(", ");
}

/** "at 14:03"; "3 times, between 09:12 and 10:40". */
export function whenInWords({ first_at, last_at, times }: Access): string {
  const [first, last] = [minuteOfDay(Date.parse(first_at)), minuteOfDay(Date.parse(last_at))];
  if (times === 1) return `at ${last}`;
  const often = times === 2 ? "twice" : `${times} times`;
  return first === last ? `${often}, at ${last}` : `${often}, between ${first} and ${last}`;
}

/** Whether the record was opened, read or asked for by breaking the glass. */
export function isEmergency({ basis }: Pick<Access, "basis">): boolean {
  return basis === "break_glass";
}

export type Period = "all" | "week" | "month" | "year";

export const PERIODS: readonly { value: Period; words: string }[] = [
  { value: "all", words: "Any time" },
  { value: "week", words: "The last 7 days" },
  { value: "month", words: "The last 30 days" },
  { value: "year", words: "The last 365 days" },
];

const DAYS: Record<Exclude<Period, "all">, number> = { week: 7, month: 30, year: 365 };
const DAY_MS = 86_400_000;

/** From which instant on; null for all time. */
export function since(period: Period, now: number): string | null {
  return period === "all" ? null : new Date(now - DAYS[period] * DAY_MS).toISOString();
}

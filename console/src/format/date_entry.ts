/** A date as people type it, day, month and year apart, and what is wrong with it. Pure. */
import type { FieldError } from "../components/error_summary.tsx";

export interface TypedDate {
  readonly day: string;
  readonly month: string;
  readonly year: string;
}

export const NO_DATE: TypedDate = { day: "", month: "", year: "" };

export function isEmpty({ day, month, year }: TypedDate): boolean {
  return `${day}${month}${year}`.trim() === "";
}

/** "2026-03-09" for a date that exists; null for any other. A year is written out: "26" might be 1926. */
export function isoDate({ day, month, year }: TypedDate): string | null {
  if (!/^\d{1,2}$/.test(day.trim()) || !/^\d{1,2}$/.test(month.trim()) || !/^\d{4}$/.test(year.trim())) return null;
  const [d, m, y] = [Number(day), Number(month), Number(year)];
  const at = new Date(Date.UTC(y, m - 1, d));
  // 31 February would roll over into March.
  const same = at.getUTCFullYear() === y && at.getUTCMonth() === m - 1 && at.getUTCDate() === d;
  return same ? at.toISOString().slice(0, 10) : null;
}

/** What is wrong with a date at a field that wants one: `missing` where nothing was typed; nothing for a date that exists. */
export function dateFault(field: string, typed: TypedDate, missing: string): FieldError[] {
  if (isEmpty(typed)) return [{ field, message: missing }];
  return isoDate(typed) === null ? [{ field, message: "Enter a real date, such as 27 3 2027" }] : [];
}

/** The instant at which a day begins where the reader is, with their own offset (RFC 3339). */
export function beginningOf(date: string): string {
  const [year, month, day] = date.split("-").map(Number) as [number, number, number];
  return new Date(year, month - 1, day).toISOString();
}

/** The instant at which a day is over: access "until 9 March" holds on 9 March. */
export function endOf(date: string): string {
  const [year, month, day] = date.split("-").map(Number) as [number, number, number];
  return new Date(year, month - 1, day + 1).toISOString();
}

/**
 * The time that a device says it measured at: its own clock's, without a zone. It becomes an instant here and nowhere else, by
 * the zone of whoever holds the phone, and only where that is not a guess. Pure: the zone's offsets are told to it.
 */
import type { Cursor } from "./bytes.ts";

export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** A device without a clock that was set sends zeros ("unknown"), one gone wrong a date that there is not. */
export type NoTime = "absent" | "unknown" | "impossible";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** As far ahead as the API takes a reading; a device further ahead has a clock that was never set. */
export const TOLERATED_AHEAD_MS = 2 * MINUTE_MS;

/** The seven bytes of a Date Time (characteristic 2A08). */
export function dateTime(cursor: Cursor): LocalTime | NoTime {
  const [year, month, day] = [cursor.u16(), cursor.u8(), cursor.u8()];
  const [hour, minute, second] = [cursor.u8(), cursor.u8(), cursor.u8()];
  if (year === 0 || month === 0 || day === 0) return "unknown";
  const time = { year, month, day, hour, minute, second };
  return isPossible(time) ? time : "impossible";
}

function isPossible(time: LocalTime): boolean {
  if (time.year < 1582 || time.year > 9999 || time.hour > 23 || time.minute > 59 || time.second > 59) return false;
  const date = new Date(asIfUtc(time));
  return date.getUTCMonth() + 1 === time.month && date.getUTCDate() === time.day;
}

function asIfUtc(time: LocalTime): number {
  return Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
}

/** The same clock so many minutes on: glucose meters send a base time and an offset. */
export function minutesOn(time: LocalTime | NoTime, minutes: number): LocalTime | NoTime {
  if (typeof time === "string") return time;
  const on = new Date(asIfUtc(time) + minutes * MINUTE_MS);
  return {
    year: on.getUTCFullYear(),
    month: on.getUTCMonth() + 1,
    day: on.getUTCDate(),
    hour: on.getUTCHours(),
    minute: on.getUTCMinutes(),
    second: on.getUTCSeconds(),
  };
}

/** A zone: its offset from UTC, in minutes east, at an instant in milliseconds. */
export type OffsetAt = (instantMs: number) => number;

/** The zone of this browser. `getTimezoneOffset` counts minutes west. */
export const browserOffsetAt: OffsetAt = (instantMs) => -new Date(instantMs).getTimezoneOffset();

export type Taken =
  /** `by` its own clock, or when it was heard, as it has none. RFC 3339, with the zone's offset. */
  | { readonly at: string; readonly by: "device_clock" | "hearing" }
  /** Nobody can know when: the clock is ahead or was never set, or showed an hour that the zone has twice, or not at all. */
  | { readonly at: null; readonly why: "clock_ahead" | "clock_impossible" | "hour_twice" | "hour_skipped" };

/**
 * When something was measured that was heard at `heardMs`. Without a time of its own it was measured just now: devices that have
 * no clock send what they measure as they do. An hour that the zone has twice is settled only where one of the two is yet to come.
 */
export function taken(time: LocalTime | NoTime, heardMs: number, offsetAt: OffsetAt): Taken {
  if (time === "impossible") return { at: null, why: "clock_impossible" };
  if (typeof time === "string") return { at: withOffset(heardMs, offsetAt(heardMs)), by: "hearing" };
  const candidates = instantsOf(time, offsetAt);
  const past = candidates.filter((instant) => instant <= heardMs + TOLERATED_AHEAD_MS);
  const [only, another] = past;
  if (candidates.length === 0) return { at: null, why: "hour_skipped" };
  if (only === undefined) return { at: null, why: "clock_ahead" };
  if (another !== undefined) return { at: null, why: "hour_twice" };
  return { at: withOffset(only, offsetAt(only)), by: "device_clock" };
}

/** The instants at which the zone's clocks show this: one, as a rule; two in the hour that comes again, none in that which is skipped. */
function instantsOf(time: LocalTime, offsetAt: OffsetAt): number[] {
  const shown = asIfUtc(time);
  const offsets = new Set([offsetAt(shown - DAY_MS), offsetAt(shown + DAY_MS)]);
  return [...offsets]
    .map((offset) => shown - offset * MINUTE_MS)
    .filter((instant) => instant + offsetAt(instant) * MINUTE_MS === shown)
    .sort((a, b) => a - b);
}

function withOffset(instantMs: number, offset: number): string {
  const shown = new Date(instantMs + offset * MINUTE_MS).toISOString().replace(/\.\d{3}Z$/, "");
  const [hours, minutes] = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60];
  return `${shown}${offset < 0 ? "-" : "+"}${two(hours)}:${two(minutes)}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}

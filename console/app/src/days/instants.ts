/** When a day's time of day is, by a zone's clocks, and which days somebody lives by (domain/people/local_days.py). Pure. */
import { dayBefore, dayOf, daysOn, partsOf } from "../words/dates.ts";

/** The zone of whoever has chosen none. */
export const HOME = "Europe/London";

/** A time zone by its IANA name, and the first day (YYYY-MM-DD) that is reckoned in it. */
export interface ZoneFrom {
  readonly time_zone: string;
  readonly from_on: string;
}

/** In which zones a person's days are reckoned, as the API told it. A copy of before it told the choices has one for all days. */
export interface Zones {
  readonly timeZone: string;
  /** In the order in which they were chosen. */
  readonly timeZones?: readonly ZoneFrom[] | undefined;
}

const HOUR_MS = 3_600_000;

/**
 * The instant (milliseconds) of a calendar date's time of day ("08:00", or "08:00:00"). A time that the clocks skip is as much later
 * as they skip; one that comes twice means the first (RFC 5545 section 3.3.5), as the API has it.
 */
export function instantAt(date: string, time: string, timeZone: string): number {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  const { year, month, day } = partsOf(date, "UTC");
  const shown = Date.UTC(year, month - 1, day, hour, minute);
  // Clocks change by hours, and never twice within a day: the offsets of the day before and after are all that there are.
  const offsets = [offsetAt(shown - 24 * HOUR_MS, timeZone), offsetAt(shown + 24 * HOUR_MS, timeZone)];
  const met = offsets.map((offset) => shown - offset).filter((at) => at + offsetAt(at, timeZone) === shown);
  return met.length > 0 ? Math.min(...met) : shown - (offsets[0] ?? 0);
}

/** How far a zone's clocks are ahead of UTC at an instant, in milliseconds. */
function offsetAt(at: number, timeZone: string): number {
  const { year, month, day, hour, minute } = partsOf(at, timeZone);
  return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(at / 60_000) * 60_000;
}

/** The zone in which a day is reckoned: the last that was chosen for it or for a day before. */
export function zoneOf({ timeZone, timeZones }: Zones, day: string): string {
  if (timeZones === undefined) return timeZone;
  return timeZones.findLast(({ from_on }) => from_on <= day)?.time_zone ?? HOME;
}

/** The instant of a person's day's time of day, in milliseconds: its beginning if none is given. */
export function instantOn(zones: Zones, day: string, time = "00:00"): number {
  return instantAt(day, time, zoneOf(zones, day));
}

/** The day of a person's that an instant is in: the last that has begun by then. Around a change of zone no day comes twice. */
export function dayIn(zones: Zones, at: number): string {
  const names = zones.timeZones === undefined ? [zones.timeZone] : [HOME, ...zones.timeZones.map(({ time_zone }) => time_zone)];
  let day = daysOn(names.map((name) => dayOf(at, name)).sort().at(-1) ?? "", 1);
  while (instantOn(zones, day) > at) day = dayBefore(day);
  return day;
}

/** An instant as the API takes it, with the offset of a zone's clocks then. */
export function withOffsetOf(at: number, timeZone: string): string {
  const offset = Math.round(offsetAt(at, timeZone) / 60_000);
  const local = new Date(at + offset * 60_000).toISOString().slice(0, 19);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${local}${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
}

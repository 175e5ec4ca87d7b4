/**
 * Days and times in words. The clock of a zone is the browser's own (Intl); the names of days and months are messages, since
 * Chromium and others bring no Welsh for dates and would fall back to American ones. Pure.
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Dates {
  readonly timeZone: string;
  /** "14:03". */
  readonly time: (at: string | number) => string;
  /** "2 March 2026", of a calendar date (YYYY-MM-DD) or of an instant's day. */
  readonly date: (at: string | number) => string;
  /** "Monday 2 March". */
  readonly day: (at: string | number) => string;
  /** "2 March 2026, 14:03". */
  readonly dateTime: (at: string | number) => string;
  /** "5 minutes ago", of two instants in milliseconds. */
  readonly ago: (at: string | number, now: number) => string;
  /** "today at 14:03", "yesterday at 14:03", or the whole date. */
  readonly lately: (at: string | number, now: number) => string;
}

/** The day of an instant in a zone, as YYYY-MM-DD. */
export function dayOf(at: string | number, timeZone: string): string {
  const { year, month, day } = partsOf(at, timeZone);
  return `${year}-${two(month)}-${two(day)}`;
}

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const PLAIN = /^(\d{4})-(\d{2})-(\d{2})$/;

/** The parts of an instant by a zone's clock; of a calendar date itself. */
export function partsOf(at: string | number, timeZone: string): Parts {
  const plain = typeof at === "string" ? PLAIN.exec(at) : null;
  if (plain !== null) return { year: Number(plain[1]), month: Number(plain[2]), day: Number(plain[3]), hour: 0, minute: 0 };
  const told = new Map(clockOf(timeZone).formatToParts(instantOf(at)).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes): number => told.get(name) ?? 0;
  return { year: part("year"), month: part("month"), day: part("day"), hour: part("hour"), minute: part("minute") };
}

const CLOCKS = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = CLOCKS.get(timeZone);
  if (known !== undefined) return known;
  const shown = { year: "numeric", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const made = new Intl.DateTimeFormat("en-GB", { ...shown, timeZone });
  CLOCKS.set(timeZone, made);
  return made;
}

function instantOf(at: string | number): number {
  return typeof at === "number" ? at : Date.parse(at);
}

/** Dates by a zone's clock. `sayAny` says a message by its key, whichever it is. */
export function datesOf(timeZone: string, sayAny: unknown): Dates {
  const say = sayAny as (key: string, values?: Record<string, string | number>) => string;
  const time = (at: string | number): string => {
    const { hour, minute } = partsOf(at, timeZone);
    return `${two(hour)}:${two(minute)}`;
  };
  const dayAndMonth = ({ month, day }: Parts): string => `${day} ${say(`month.${month}`)}`;
  const date = (at: string | number): string => {
    const parts = partsOf(at, timeZone);
    return `${dayAndMonth(parts)} ${parts.year}`;
  };
  const day = (at: string | number): string => {
    const parts = partsOf(at, timeZone);
    const weekday = new Date(Date.UTC(parts.year, parts.month - 1, parts.day)).getUTCDay();
    return `${say(`weekday.${weekday}`)} ${dayAndMonth(parts)}`;
  };
  const dateTime = (at: string | number): string => `${date(at)}, ${time(at)}`;
  const lately = (at: string | number, now: number): string => {
    const of = dayOf(at, timeZone);
    if (of === dayOf(now, timeZone)) return say("ago.today_at", { time: time(at) });
    if (of === dayBefore(dayOf(now, timeZone))) return say("ago.yesterday_at", { time: time(at) });
    return dateTime(at);
  };
  return { timeZone, time, date, day, dateTime, lately, ago: (at, now) => agoOf(now - instantOf(at), say) };
}

/** The calendar date before another one. */
export function dayBefore(date: string): string {
  return daysOn(date, -1);
}

/** The calendar date so many days on. Counted in days alone, so that no clock change takes one away. */
export function daysOn(date: string, days: number): string {
  const { year, month, day } = partsOf(date, "UTC");
  return new Date(Date.UTC(year, month - 1, day + days)).toISOString().slice(0, 10);
}

/** A moment that seems to lie ahead, by clocks that differ, is "just now", never a negative age. */
function agoOf(ms: number, say: (key: string, values?: Record<string, string | number>) => string): string {
  if (!Number.isFinite(ms)) return say("ago.unknown");
  if (ms < MINUTE) return say("ago.now");
  if (ms < HOUR) return say("ago.minutes", { count: Math.floor(ms / MINUTE) });
  if (ms < DAY) return say("ago.hours", { count: Math.floor(ms / HOUR) });
  return say("ago.days", { count: Math.floor(ms / DAY) });
}

function two(part: number): string {
  return String(part).padStart(2, "0");
}

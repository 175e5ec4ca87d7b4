/** Words for instants and ages. Knows nothing of vital signs, sockets or the page. Times are shown in the reader's own zone. */

const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The words for an age in seconds: "12 s ago". A clock that runs slightly ahead gives "just now", never a negative age. */
export function ageInWords(seconds: number): string {
  if (!Number.isFinite(seconds)) return "age unknown";
  if (seconds < SECOND) return "just now";
  if (seconds < MINUTE) return `${Math.floor(seconds)} s ago`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  const days = Math.floor(seconds / DAY);
  return days === 1 ? "1 day ago" : `${days} days ago`;
}

/** The words for a length of time: "5 seconds", "30 minutes", "2 hours"; rounded to what a reader can use. */
export function lengthInWords(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 2 * MINUTE) return counted(seconds, "second");
  return seconds < 2 * HOUR ? counted(seconds / MINUTE, "minute") : counted(seconds / HOUR, "hour");
}

function counted(amount: number, unit: string): string {
  const rounded = Math.round(amount);
  return rounded === 1 ? `1 ${unit}` : `${rounded} ${unit}s`;
}

const clockTime = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const clockMinute = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const shortDate = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const dayOfYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" });
const longDate = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });

/** "14:03:22" for milliseconds since the epoch. */
export function timeOfDay(at: number): string {
  return clockTime.format(at);
}

/** "14:03" for milliseconds since the epoch. */
export function minuteOfDay(at: number): string {
  return clockMinute.format(at);
}

/** "3 Mar 2026, 14:03" for an RFC 3339 instant. */
export function dateAndTime(at: string | number): string {
  const instant = typeof at === "number" ? at : Date.parse(at);
  return `${shortDate.format(instant)}, ${clockMinute.format(instant)}`;
}

/** "3 Mar 2026, 14:03:22", for tables where several readings share a minute. */
export function dateAndSecond(at: string | number): string {
  const instant = typeof at === "number" ? at : Date.parse(at);
  return `${shortDate.format(instant)}, ${clockTime.format(instant)}`;
}

/** "3 March 2026" for a calendar date (YYYY-MM-DD) or an instant, without shifting a plain date across midnight. */
export function calendarDate(date: string): string {
  return longDate.format(localMidnight(date));
}

/** "23 September" for an instant of the year of another one, with its year otherwise. */
export function dayInWords(at: string, seenFrom: string): string {
  const sameYear = new Date(at).getFullYear() === new Date(seenFrom).getFullYear();
  return (sameYear ? dayOfYear : longDate).format(Date.parse(at));
}

/** "03-Mar-1938": the form a clinical banner uses, so that day and month cannot be swapped. */
export function bannerDate(date: string): string {
  const day = localMidnight(date);
  const month = new Intl.DateTimeFormat("en-GB", { month: "short" }).format(day).slice(0, 3);
  return `${String(day.getDate()).padStart(2, "0")}-${month}-${day.getFullYear()}`;
}

/** Completed years between a date of birth (YYYY-MM-DD) and an instant. */
export function yearsOld(bornOn: string, at: number): number {
  const born = localMidnight(bornOn);
  const now = new Date(at);
  const hadBirthday =
    now.getMonth() > born.getMonth() || (now.getMonth() === born.getMonth() && now.getDate() >= born.getDate());
  return now.getFullYear() - born.getFullYear() - (hadBirthday ? 0 : 1);
}

function localMidnight(date: string): Date {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (!parts) return new Date(date);
  return new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]));
}

/** The value a datetime-local control wants for an instant, in the reader's own zone, to the second. */
export function forDateTimeControl(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

/** RFC 3339 with the reader's own offset for the value of a datetime-local control, or null when it is not a time. */
export function withOffset(control: string): string | null {
  const at = new Date(control);
  if (control === "" || Number.isNaN(at.getTime())) return null;
  const minutes = -at.getTimezoneOffset();
  const sign = minutes < 0 ? "-" : "+";
  const offset = `${sign}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  return forDateTimeControl(at.getTime()) + offset;
}

function two(part: number): string {
  return String(part).padStart(2, "0");
}

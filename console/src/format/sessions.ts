/** A session in words: what it was opened on, as far as that is known, and when it was last used. Pure. */
import { ageInWords, dateAndTime } from "./times.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** What it was opened on: by what the program said of itself, which nobody has checked. */
export function deviceInWords(device: string): string {
  return device === "" ? "Something that is not known" : device;
}

/** Said of what did not say that it is a browser or an app; null of what did. */
export function unknownInWords(device: string): string | null {
  if (device !== "" && !device.startsWith("Another program")) return null;
  return "It did not say that it is a browser or an app. A program of somebody's own does not, nor a browser that hides what it is.";
}

/** As of the API, which writes it once a minute: nothing finer is said. "Used in the last 2 minutes", "Last used 12 min ago", "Last used 3 Mar 2026, 14:03". */
export function lastUsed(at: string, now: number): string {
  const age = now - Date.parse(at);
  if (age < 2 * MINUTE_MS) return "Used in the last 2 minutes";
  return age < DAY_MS ? `Last used ${ageInWords(age / 1000)}` : `Last used ${dateAndTime(at)}`;
}

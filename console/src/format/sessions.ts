/** When a session was last used, in words. The API writes it once a minute, so nothing finer is said. Pure. */
import { ageInWords, dateAndTime } from "./times.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** "Used in the last 2 minutes", "Last used 12 min ago", "Last used 3 Mar 2026, 14:03". */
export function lastUsed(at: string, now: number): string {
  const age = now - Date.parse(at);
  if (age < 2 * MINUTE_MS) return "Used in the last 2 minutes";
  return age < DAY_MS ? `Last used ${ageInWords(age / 1000)}` : `Last used ${dateAndTime(at)}`;
}

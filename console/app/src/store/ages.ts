/** How old a copy is, and when it may not be taken for the present. Pure. */
import type { Mark } from "./copy.ts";

/** A copy older than this is marked as old wherever it is shown. */
export const OLD_MS = 24 * 60 * 60_000;

/** Clocks of phones are set right now and then, by seconds. */
const SLACK_MS = 60_000;

/** Milliseconds since the copy was known to be complete; null when this phone's clock was set back since, so that nobody can say. */
export function ageOf(mark: Mark, now: number): number | null {
  const age = now - mark.heardAt;
  return age < -SLACK_MS ? null : Math.max(0, age);
}

/** Whether the copy must be marked as old. One whose age nobody knows must. */
export function isOld(mark: Mark, now: number): boolean {
  const age = ageOf(mark, now);
  return age === null || age > OLD_MS;
}

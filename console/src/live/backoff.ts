/** How long to wait before trying again: doubling, capped, and spread so that a thousand consoles do not return at once. */

const FIRST_MS = 500;
const MOST_MS = 15_000;

/** Milliseconds to wait after this many failures in a row; `chance` is uniform in [0, 1). Half is fixed, half is chance. */
export function delayAfter(failures: number, chance: number): number {
  const full = Math.min(MOST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(full / 2 + (full / 2) * chance);
}

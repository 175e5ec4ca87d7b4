/** The present as this phone believes it, by the minute: for ages and for what is late. */
import { useSecond } from "#console/live/ticking.ts";

/** Milliseconds since the epoch; the page is drawn anew each second, as the shell's bar is. */
export function useNow(): number {
  useSecond();
  return Date.now();
}

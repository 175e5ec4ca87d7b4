/**
 * Whether an instant has passed, found out without being asked: what was given until then leaves the screen by itself. By the
 * longer of two clocks' answers since the page opened, so that neither sleep nor a clock put back keeps a record open.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { elapsed, readClocks } from "./clocks.ts";
import { everySecond, onReturn } from "./ticking.ts";

/** `until`: RFC 3339, or null for no end. `serverNow`: the server's time when the page learnt of it, in ms since the epoch. */
export function useTimeOver(until: string | null, serverNow: number): boolean {
  const left = useLeft(until, serverNow);
  const over = left !== null && left() <= 0;
  const [, tell] = useState(over);
  // Renders once, when it is over: a whole record hangs on this.
  useTicking(until !== null && !over, () => tell(left !== null && left() <= 0));
  return over;
}

/** Milliseconds left, counted down every second; null for no end. For small components only. */
export function useMillisecondsLeft(until: string | null, serverNow: number): number | null {
  const left = useLeft(until, serverNow);
  const [, tick] = useState(0);
  useTicking(until !== null, () => tick((count) => count + 1));
  return left === null ? null : left();
}

function useLeft(until: string | null, serverNow: number): (() => number) | null {
  const learnt = useRef({ at: readClocks(), serverNow });
  return until === null ? null : () => Date.parse(until) - learnt.current.serverNow - elapsed(learnt.current.at, readClocks());
}

function useTicking(wanted: boolean, act: () => void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    if (!wanted) return undefined;
    const again = (): void => latest.current();
    const stopTicking = everySecond(again);
    const stopReturning = onReturn(again);
    return () => {
      stopTicking();
      stopReturning();
    };
  }, [wanted]);
}

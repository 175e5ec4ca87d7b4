/** What was done last on a page, for its banner. */
import { useCallback, useState } from "preact/hooks";

export interface WasDone {
  readonly turn: number;
  readonly words: string;
}

export function useDone(): [WasDone | null, (words: string) => void, () => void] {
  const [done, setDone] = useState<WasDone | null>(null);
  const say = useCallback((words: string) => setDone((before) => ({ turn: (before?.turn ?? 0) + 1, words })), []);
  const forget = useCallback(() => setDone(null), []);
  return [done, say, forget];
}

/** The progress of goals as pages show it: of the copy that is open, asked again each second. */
import { useNow } from "../pieces/use_now.ts";
import { useCopy, useMark, useUnsent } from "../store/hooks.ts";
import type { Goal } from "../store/things.ts";
import { progressNow } from "./progress_now.ts";
import type { Progress } from "./words_of.ts";

/** How a goal is going, as far as it may be shown now; null where it may not, or is not known. */
export function useProgressNow(goal: Goal): Progress | null {
  const copy = useCopy();
  const unsent = useUnsent();
  const mark = useMark();
  const now = useNow();
  return copy === undefined ? null : progressNow(goal, { copy, unsent, mark, now });
}

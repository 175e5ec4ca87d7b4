/** The copy, once all of it is here: of one that is still being fetched nobody knows what is missing. */
import type { Copy } from "../store/copy.ts";
import { useCopy } from "../store/hooks.ts";

export function useWholeCopy(): Copy | undefined {
  const copy = useCopy();
  return copy?.isWhole === true ? copy : undefined;
}

/** When a reading may not be taken for current. Two reasons, and either is enough: nobody is telling us, or it is too old. */
import type { Latest } from "../api/types.ts";

/**
 * True when nobody vouches for it, or the reading is older than the catalogue lets its sign stand for the present. What the
 * server called stale does not become fresh here; what it called fresh grows stale without being told.
 */
export function isStale(latest: Latest, vouchedFor: boolean, serverNow: number, staleAfterSeconds: number | null): boolean {
  if (!vouchedFor || latest.stale) return true;
  const age = (serverNow - Date.parse(latest.observation.effective_at)) / 1000;
  return staleAfterSeconds !== null && age > staleAfterSeconds;
}

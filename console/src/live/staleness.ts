/** When a reading may not be taken for current. Two reasons, and either is enough: nobody is telling us, or it is too old. */
import type { Latest } from "../api/types.ts";
import type { Connection } from "./state.ts";

/**
 * True when the feed is not live, or the reading is older than the catalogue lets its sign stand for the present. What the
 * server called stale does not become fresh here; what it called fresh grows stale without being told.
 */
export function isStale(latest: Latest, connection: Connection, serverNow: number, staleAfterSeconds: number | null): boolean {
  if (connection !== "live" || latest.stale) return true;
  const age = (serverNow - Date.parse(latest.observation.effective_at)) / 1000;
  return staleAfterSeconds !== null && age > staleAfterSeconds;
}

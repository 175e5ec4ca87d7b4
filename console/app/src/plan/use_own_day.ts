/** What the API tells of one's own day: asked when a page opens, when the record has changed, and as often as it is settled. */
import { useEffect, useRef } from "preact/hooks";
import { useLoaded } from "#console/api/loading.ts";
import { useApi } from "#console/services.ts";
import type { Copy } from "../store/copy.ts";
import { useNetwork } from "../store/hooks.ts";
import type { Heard, OwnDay } from "./zone_now.ts";

/** What was told before the record changed is gone at once; what was told before it was found unchanged stays until the answer. */
export function useOwnDay(copy: Copy): OwnDay {
  const { online } = useNetwork();
  const api = useApi();
  const changes = useChanges([copy.observations, copy.diaryEntries, copy.actionPlans, copy.patient, copy.alerts]);
  const loaded = useLoaded<Heard | null>(`${online} ${changes}`, async (signal) => {
    if (!online) return null;
    const askedAt = Date.now();
    return { told: await api.get("/v1/me/today", {}, signal), askedAt };
  });
  const again = loaded.status === "ready" ? loaded.reload : loaded.status === "failed" ? loaded.retry : null;
  useEffect(() => again?.(), [copy.asOf]);
  return { online, heard: loaded.status === "ready" ? loaded.value : null, hasFailed: loaded.status === "failed" };
}

/** How often any of these became another object. */
function useChanges(parts: readonly unknown[]): number {
  const seen = useRef({ parts, count: 0 });
  if (parts.some((part, place) => part !== seen.current.parts[place])) seen.current = { parts, count: seen.current.count + 1 };
  return seen.current.count;
}

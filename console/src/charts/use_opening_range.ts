/** With which span the charts of a record open: asked of the API once, when the record is first shown. */
import { useLoaded } from "../api/loading.ts";
import type { SignKey } from "../api/types.ts";
import { useCatalogue } from "../catalogue.ts";
import type { Signs } from "../live/latest.ts";
import { useApi } from "../services.ts";
import { ENOUGH, openingRange, signToOpenBy, type Range, type TakenAt } from "./ranges.ts";

/** Null until it is known. A failure opens with the usual span: charts are not held up by it, nor moved when it would come later. */
export function useOpeningRange(patientId: string, signs: Signs, now: () => number): Range | null {
  const api = useApi();
  const catalogue = useCatalogue();
  const loaded = useLoaded(patientId, async (signal) => {
    const sign = signToOpenBy(latestTimes(signs), (key) => catalogue.get(key)?.stale_after_seconds ?? null);
    if (sign === null) return openingRange([], now());
    try {
      const query = { sign, limit: ENOUGH };
      const page = await api.get("/v1/patients/{patient_id}/observations", { path: { patient_id: patientId }, query }, signal);
      return openingRange(page.items.map(({ effective_at }) => Date.parse(effective_at)), now());
    } catch (error) {
      signal.throwIfAborted();
      return openingRange([], now());
    }
  });
  return loaded.status === "ready" ? loaded.value : null;
}

function latestTimes(signs: Signs): TakenAt<SignKey>[] {
  return [...signs.entries()].flatMap(([sign, { observation }]) =>
    observation === null || observation.code !== null ? [] : [{ sign, at: Date.parse(observation.effective_at) }],
  );
}

/** The catalogue of symptoms, by key: what they are called, and their steps. Empty until it has come. */
import { useLoaded } from "../api/loading.ts";
import type { Symptoms } from "../format/zones.ts";
import { useApi } from "../services.ts";

const NONE: Symptoms = new Map();

/** `wanted`: nobody asks for what is not shown. */
export function useSymptoms(wanted: boolean): Symptoms {
  const api = useApi();
  const loaded = useLoaded(`symptoms ${wanted}`, async (signal): Promise<Symptoms> => {
    if (!wanted) return NONE;
    const { items } = await api.get("/v1/symptoms", {}, signal);
    return new Map(items.map(({ key, label, levels }) => [key, { label, levels: new Map(levels.map((step) => [step.level, step.label])) }]));
  });
  return loaded.status === "ready" ? loaded.value : NONE;
}

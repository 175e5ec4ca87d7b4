/** The catalogue of vital signs, loaded once after signing in. Until it has come, pages show readings all the same. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { useLoaded } from "./api/loading.ts";
import type { VitalSign } from "./api/types.ts";
import { useApi } from "./services.ts";

export type Catalogue = ReadonlyMap<string, VitalSign>;

const CatalogueContext = createContext<Catalogue>(new Map());

export const CatalogueProvider = CatalogueContext.Provider;

export function useLoadedCatalogue(): Catalogue {
  const api = useApi();
  const loaded = useLoaded("catalogue", async (signal) => {
    const answer = await api.get("/v1/vital-signs", {}, signal);
    return new Map<string, VitalSign>(answer.items.map((sign) => [sign.key, sign]));
  });
  return loaded.status === "ready" ? loaded.value : NONE;
}

const NONE: Catalogue = new Map();

export function useCatalogue(): Catalogue {
  return useContext(CatalogueContext);
}

/** What the catalogue says of a sign; undefined before it has come, and for a sign it does not have. */
export function useVitalSign(sign: string): VitalSign | undefined {
  return useCatalogue().get(sign);
}

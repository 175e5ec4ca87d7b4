/** Everybody who acts, will or did act for a person, loaded once for all that a page tells of them: each load is a look. */
import { useRef } from "preact/hooks";
import { everyItem, useLoaded, useLoadedOnReturn } from "../api/loading.ts";
import type { Delegate } from "../api/types.ts";
import { useApi } from "../services.ts";

const PAGE = 200;

export interface KnownDelegates {
  /** Null until they are known; while they are asked for again, and should that fail, those that were. */
  readonly all: readonly Delegate[] | null;
  readonly failure: { readonly error: unknown; readonly retry: () => void } | null;
  readonly reload: () => void;
}

export function useDelegates(patientId: string): KnownDelegates {
  const api = useApi();
  const path = { patient_id: patientId };
  const loaded = useLoaded(`delegates ${patientId}`, (signal) =>
    everyItem((cursor) => api.get("/v1/patients/{patient_id}/delegates", { path, query: { limit: PAGE, cursor } }, signal)),
  );
  const known = useRef<{ of: string; all: readonly Delegate[] } | null>(null);
  if (loaded.status === "ready") known.current = { of: patientId, all: loaded.value };
  // A code may have been used, or somebody's access ended, while one looked elsewhere.
  const reload = useLoadedOnReturn(loaded);
  return {
    all: known.current?.of === patientId ? known.current.all : null,
    failure: loaded.status === "failed" ? loaded : null,
    // What fails is asked for again as it is.
    reload: () => reload?.(),
  };
}

/** The live connection of one person's record, and a way for its charts to hear of each reading. */
import { useCallback, useMemo, useRef, useState } from "preact/hooks";
import { useLoaded } from "../api/loading.ts";
import type { Observation } from "../api/types.ts";
import { useApi } from "../services.ts";
import type { Signs } from "./latest.ts";
import { useLive, type Live, type Loaded } from "./use_live.ts";

type Listener = (observation: Observation) => void;

export interface RecordLive {
  /** Null until the record has been heard of: that is not the same as a record without readings. */
  readonly signs: Signs | null;
  /** To ask again, when the record could not be loaded and no feed has told it since. */
  readonly failed: { error: unknown; retry: () => void } | null;
  readonly live: Live;
  readonly subscribe: (listener: Listener) => () => void;
  /** Grows with each change to goals or plans, so that what shows them knows to load again. */
  readonly planChanges: number;
  /** Grows whenever the feed could not tell all that happened, so that what was loaded before is loaded again. */
  readonly resyncs: number;
}

const OF_PLANS = /^(goal|plan|action)\./;

export function useRecordLive(id: string): RecordLive {
  const api = useApi();
  const latest = useLoaded(id, (signal) => api.get("/v1/patients/{patient_id}/observations/latest", { path: { patient_id: id } }, signal));
  const items = latest.status === "ready" ? latest.value.items : null;
  const loaded: Loaded = useMemo(() => new Map(items === null ? [] : [[id, items]]), [id, items]);
  const listeners = useRef(new Set<Listener>());
  const ids = useMemo(() => [id], [id]);
  const [planChanges, setPlanChanges] = useState(0);
  const [resyncs, setResyncs] = useState(0);
  const live = useLive(ids, loaded, (told) => {
    if (told.type === "resync") setResyncs((count) => count + 1);
    if (told.type === "resync" || (told.type === "event" && OF_PLANS.test(told.kind))) setPlanChanges((count) => count + 1);
    if (told.type !== "event") return;
    for (const observation of told.observations) for (const listener of listeners.current) listener(observation);
  });
  const subscribe = useCallback((listener: Listener) => {
    listeners.current.add(listener);
    return () => void listeners.current.delete(listener);
  }, []);
  const signs = live.table.get(id) ?? null;
  const failed = signs === null && latest.status === "failed" ? latest : null;
  return { signs, failed, live, subscribe, planChanges, resyncs };
}

/** The live connection of one person's record, and a way for its charts to hear of each reading. */
import { useCallback, useMemo, useRef } from "preact/hooks";
import { useLoaded } from "../api/loading.ts";
import type { Latest, Observation } from "../api/types.ts";
import { useApi } from "../services.ts";
import { signsOf, type Signs, type Table } from "./latest.ts";
import { useLive, type Live } from "./use_live.ts";

const NO_SIGNS: Signs = new Map();

type Listener = (observation: Observation) => void;

export interface RecordLive {
  readonly signs: Signs;
  readonly live: Live;
  readonly subscribe: (listener: Listener) => () => void;
}

export function useRecordLive(id: string): RecordLive {
  const api = useApi();
  const latest = useLoaded(id, (signal) => api.get<{ items: Latest[] }>(`/patients/${id}/observations/latest`, signal));
  const known: Table = useMemo(
    () => (latest.status === "ready" ? new Map([[id, signsOf(latest.value.items)]]) : new Map()),
    [id, latest],
  );
  const listeners = useRef(new Set<Listener>());
  const ids = useMemo(() => [id], [id]);
  const live = useLive(ids, known, (event) => {
    for (const observation of event.observations) for (const listener of listeners.current) listener(observation);
  });
  const subscribe = useCallback((listener: Listener) => {
    listeners.current.add(listener);
    return () => void listeners.current.delete(listener);
  }, []);
  return { signs: live.table.get(id) ?? NO_SIGNS, live, subscribe };
}

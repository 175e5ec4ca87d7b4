/** The two addresses by which a copy is kept, through the typed client. */
import type { Client } from "#console/api/client.ts";
import { sentOf, type Changes, type Unsent, type Verdict } from "../store/things.ts";

export interface Wire {
  send(batch: readonly Unsent[]): Promise<readonly Verdict[]>;
  ask(since: string | null): Promise<Changes>;
}

/** After so long without an answer there is none: a phone that lost its network is often not told. */
const PATIENCE_MS = 30_000;

export function wireOf(api: Client): Wire {
  return {
    send: async (batch) => {
      const body = { items: batch.map(sentOf) };
      return (await api.post("/v1/me/changes", { body }, { signal: AbortSignal.timeout(PATIENCE_MS) })).items;
    },
    ask: (since) => api.get("/v1/me/changes", { query: since === null ? {} : { since } }, AbortSignal.timeout(PATIENCE_MS)),
  };
}

/** The two addresses by which a copy is kept, through the typed client. */
import type { Client } from "#console/api/client.ts";
import { Refused } from "#console/api/http.ts";
import { sentOf, type Changes, type Sending, type Unsent, type Verdict } from "../store/things.ts";

export interface Wire {
  send(batch: readonly Unsent[]): Promise<readonly Verdict[]>;
  ask(since: string | null): Promise<Changes>;
}

/** After so long without an answer there is none: a phone that lost its network is often not told. */
const PATIENCE_MS = 30_000;

/** `now`: what this phone's clock shows, in milliseconds since the epoch. */
export function wireOf(api: Client, now: () => number): Wire {
  const post = async (body: Sending): Promise<readonly Verdict[]> =>
    (await api.post("/v1/me/changes", { body }, { signal: AbortSignal.timeout(PATIENCE_MS) })).items;
  return {
    send: async (batch) => {
      const items = batch.map(sentOf);
      try {
        return await post({ items, sent_at: new Date(now()).toISOString() });
      } catch (error) {
        // While an upgrade is under way an older server answers as well, which takes no more than it knows.
        if (!(error instanceof Refused) || error.status !== 422) throw error;
        return post({ items });
      }
    },
    ask: (since) => api.get("/v1/me/changes", { query: since === null ? {} : { since } }, AbortSignal.timeout(PATIENCE_MS)),
  };
}

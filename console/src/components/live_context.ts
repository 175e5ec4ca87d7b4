/** What components deep in a page need of its live connection: the server's time, and whether what is shown is current. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Connection } from "../live/state.ts";

export interface LiveFacts {
  readonly connection: Connection;
  /** Whether what is shown may be taken for current: see state.ts. */
  vouchedFor(): boolean;
  /** When the server was last heard, by our clock; null before the first message. */
  heardAt(): number | null;
  /** Milliseconds since the epoch, by the server's clock. */
  now(): number;
}

const DISCONNECTED: LiveFacts = { connection: "connecting", vouchedFor: () => false, heardAt: () => null, now: () => Date.now() };

export const LiveContext = createContext<LiveFacts>(DISCONNECTED);

export function useLiveFacts(): LiveFacts {
  return useContext(LiveContext);
}

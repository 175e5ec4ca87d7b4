/** What pages are written on: the copy, what is unsent, the network, and how to keep what somebody does. */
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Copy } from "./copy.ts";
import type { Network, Shown, Standing, Store } from "./store.ts";
import type { Decision, Safety, Thing, Unsent } from "./things.ts";

const StoreContext = createContext<Store | null>(null);

export const StoreProvider = StoreContext.Provider;

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === null) throw new Error("Nobody's record is open here");
  return store;
}

function useShown(): Shown {
  const store = useStore();
  const [shown, setShown] = useState(store.shown);
  useEffect(() => {
    setShown(store.shown);
    return store.subscribe(() => setShown(store.shown));
  }, [store]);
  return shown;
}

/** The copy of the record; undefined until some of it is here. */
export function useCopy(): Copy | undefined {
  return useShown().copy;
}

/** What was done and is not settled, in the order in which it was done; not what was taken back since, but that it was. */
export function useUnsent(): readonly Unsent[] {
  return useShown().unsent;
}

/** The copy and what is unsent with what was taken back and is not settled: what that was, and how much is not sent. */
export function useKept(): Standing {
  return useShown().kept;
}

/** How it stands with the network, and when the copy was last known to be complete. */
export function useNetwork(): Network {
  return useShown().network;
}

/** As of when the copy is, for whoever says how old it is. */
export function useMark(): Shown["mark"] {
  return useShown().mark;
}

/** Whom to call, for answers that could not wait; and how to put it away. */
export function useSafety(): { readonly safety: readonly Safety[]; readonly putAway: () => void } {
  const store = useStore();
  return { safety: useShown().safety, putAway: () => store.putSafetyAway() };
}

export interface Doing {
  /** Keep what somebody did: durable, where the phone keeps anything, before it resolves; sending begins by itself. */
  keep(thing: Thing): Promise<void>;
  /** What its owner decided of what is in conflict or refused. */
  settle(item: string, decision: Decision): Promise<void>;
  /** Settle with the API now; resolves when that is over, however it went. */
  syncNow(): Promise<void>;
}

/** How to do things with the record that is open. */
export function useDoing(): Doing {
  const store = useStore();
  return {
    keep: (thing) => store.keep(thing),
    settle: (item, decision) => store.settle(item, decision),
    syncNow: () => store.syncNow(),
  };
}

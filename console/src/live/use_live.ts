/** A page's live connection: opened with the page, closed with it, its messages folded into the table the page shows. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Client } from "../api/client.ts";
import type { Latest } from "../api/types.ts";
import type { LiveFacts } from "../components/live_context.ts";
import { useServices } from "../services.ts";
import type { Attendance } from "../session/attendance.ts";
import { browserWorld } from "./browser_world.ts";
import { LiveConnection } from "./connection.ts";
import { askingOf, hear, letBack, nothingHeld, type Held } from "./held.ts";
import { seeded, type Table } from "./latest.ts";
import type { Heard } from "./messages.ts";
import { everySecond, onReturn } from "./ticking.ts";

export interface Live {
  readonly table: Table;
  /** The same object until the connection changes its state, so that a new reading renders only what shows it. */
  readonly facts: LiveFacts;
  /** Patients whom this reader may no longer see: a page takes them off the screen. */
  readonly gone: ReadonlySet<string>;
  /** Those who had gone are in a list that was asked for since: shown, and watched, again. */
  readonly cameBack: (patients: readonly string[]) => void;
  /** Why it ended, when it did. */
  readonly ending: "stopped" | "signed_out" | "forbidden" | null;
}

/** Hears each message that is shown, after it was folded in. */
type OnTold = (message: Heard) => void;

/** What a page has loaded by itself: the latest readings of each patient. */
export type Loaded = ReadonlyMap<string, readonly Latest[]>;

/**
 * Watch these patients. The list may grow: what is added is asked for on the same socket. `loaded` is what the page already
 * has of them, shown until the first snapshot comes. An empty list opens nothing.
 */
export function useLive(patients: readonly string[], loaded: Loaded, onTold?: OnTold): Live {
  const held = useHeld(loaded);
  const connection = useConnection(patients, held, onTold);
  const facts = useFacts(connection);
  const cameBack = (back: readonly string[]): void => {
    if (back.length === 0) return;
    letBack(held, back);
    connection?.alsoWatch([...back]);
  };
  return { table: held.book.table, facts, gone: held.gone, cameBack, ending: connection?.ending ?? null };
}

/** One and the same while the page is open; what the page has loaded stands in it from the first drawing on. */
function useHeld(loaded: Loaded): Held {
  const held = useRef<Held | null>(null);
  const seed = useRef<Loaded | null>(null);
  held.current ??= nothingHeld();
  if (seed.current !== loaded) {
    seed.current = loaded;
    held.current.book = seeded(held.current.book, loaded);
  }
  return held.current;
}

function useConnection(patients: readonly string[], held: Held, onTold: OnTold | undefined): LiveConnection | null {
  const { api, attendance } = useServices();
  const [, bump] = useState(0);
  const [connection, setConnection] = useState<LiveConnection | null>(null);
  const latest = useRef({ patients, onTold });
  latest.current = { patients, onTold };
  const any = patients.length > 0;
  useEffect(() => {
    if (!any) return undefined;
    const changed = (): void => bump((count) => count + 1);
    const opened = opening(api, held, latest.current.patients, { changed, told: (message) => latest.current.onTold?.(message) });
    setConnection(opened.connection);
    const rest = kept(opened.connection, attendance, changed);
    return () => {
      rest();
      opened.close();
      setConnection(null);
    };
  }, [any, api, attendance, held]);
  const key = patients.join();
  useEffect(() => connection?.alsoWatch([...latest.current.patients]), [connection, key]);
  return connection;
}

interface Page {
  changed: () => void;
  told: OnTold;
}

/** A connection that is started, with what asks for that which it leaves unknown; and how to end both. */
function opening(api: Client, held: Held, patients: readonly string[], { changed, told }: Page): { connection: LiveConnection; close: () => void } {
  const leaving = new AbortController();
  const asking = askingOf(api, held, changed, leaving.signal);
  const connection = new LiveConnection(browserWorld(api), { patients: [...patients] }, {
    changed,
    delivered: (message) => {
      hear(held, message);
      told(message);
      changed();
      asking.need(held.book.unsettled);
    },
  });
  connection.start();
  const close = (): void => {
    connection.stop();
    asking.stop();
    leaving.abort();
  };
  return { connection, close };
}

/** Looked after every second and on each return; returns how to stop. An open live page counts as use of the session. */
function kept(connection: LiveConnection, attendance: Attendance, changed: () => void): () => void {
  const stopTicking = everySecond(() => {
    connection.tick();
    if (connection.connection === "live") attendance.heldOpen();
  });
  const stopReturning = onReturn(() => {
    connection.returned();
    changed();
  });
  return () => {
    stopTicking();
    stopReturning();
  };
}

function useFacts(connection: LiveConnection | null): LiveFacts {
  const state = connection?.connection ?? "connecting";
  return useMemo<LiveFacts>(
    () => ({
      connection: state,
      vouchedFor: () => connection?.vouchedFor ?? true,
      heardAt: () => connection?.heardAt ?? null,
      now: () => connection?.now() ?? Date.now(),
    }),
    [state, connection],
  );
}

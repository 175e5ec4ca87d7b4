/** A page's live connection: opened with the page, closed with it, its messages folded into the table the page shows. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Client } from "../api/client.ts";
import { Refused } from "../api/http.ts";
import type { Latest } from "../api/types.ts";
import type { LiveFacts } from "../components/live_context.ts";
import { useServices } from "../services.ts";
import { Asking, type Outcome } from "./asking.ts";
import { readClocks } from "./clocks.ts";
import { LiveConnection, type Socket, type SocketEvents, type World } from "./connection.ts";
import { answer, askedNow, fold, NO_BOOK, seeded, without, type Book, type Table } from "./latest.ts";
import { SUBPROTOCOL, type Heard, type LiveEvent } from "./messages.ts";
import { everySecond, onReturn } from "./ticking.ts";

export interface Live {
  readonly table: Table;
  /** The same object until the connection changes its state, so that a new reading renders only what shows it. */
  readonly facts: LiveFacts;
  /** Patients whom this reader may no longer see: a page takes them off the screen. */
  readonly gone: ReadonlySet<string>;
  /** Why it ended, when it did. */
  readonly ending: "stopped" | "signed_out" | "forbidden" | null;
}

type OnEvent = (event: LiveEvent) => void;

/** What a page has loaded by itself: the latest readings of each patient. */
export type Loaded = ReadonlyMap<string, readonly Latest[]>;

/** What has been told and answered while the page is open. */
interface Held {
  book: Book;
  gone: ReadonlySet<string>;
}

/**
 * Watch these patients. The list may grow: what is added is asked for on the same socket. `loaded` is what the page already
 * has of them, shown until the first snapshot comes. An empty list opens nothing.
 */
export function useLive(patients: readonly string[], loaded: Loaded, onEvent?: OnEvent): Live {
  const { api, attendance } = useServices();
  const held = useRef<Held>({ book: NO_BOOK, gone: new Set() });
  const seed = useRef<Loaded | null>(null);
  const [, bump] = useState(0);
  const [connection, setConnection] = useState<LiveConnection | null>(null);
  const hear = useRef<OnEvent | undefined>(onEvent);
  hear.current = onEvent;
  const wanted = useRef(patients);
  wanted.current = patients;
  const any = patients.length > 0;
  if (seed.current !== loaded) {
    seed.current = loaded;
    held.current.book = seeded(held.current.book, loaded);
  }

  useEffect(() => {
    if (!any) return undefined;
    const changed = (): void => bump((count) => count + 1);
    const leaving = new AbortController();
    const asking = askingOf(api, held.current, changed, leaving.signal);
    const opened = new LiveConnection(browserWorld(api), { patients: [...wanted.current] }, {
      changed,
      delivered: (message) => {
        hearMessage(held.current, message);
        if (message.type === "event") hear.current?.(message);
        changed();
        asking.need(held.current.book.unsettled);
      },
    });
    setConnection(opened);
    opened.start();
    const stopTicking = everySecond(() => {
      opened.tick();
      if (opened.connection === "live") attendance.heldOpen();
    });
    const stopReturning = onReturn(() => {
      opened.returned();
      changed();
    });
    return () => {
      stopTicking();
      stopReturning();
      opened.stop();
      asking.stop();
      leaving.abort();
    };
  }, [any, api, attendance]);

  const key = patients.join();
  useEffect(() => connection?.alsoWatch([...wanted.current]), [connection, key]);

  const state = connection?.connection ?? "connecting";
  const facts = useMemo<LiveFacts>(
    () => ({
      connection: state,
      vouchedFor: () => connection?.vouchedFor ?? true,
      heardAt: () => connection?.heardAt ?? null,
      now: () => connection?.now() ?? Date.now(),
    }),
    [state, connection],
  );
  return { table: held.current.book.table, facts, gone: held.current.gone, ending: connection?.ending ?? null };
}

function hearMessage(held: Held, message: Heard): void {
  held.book = fold(held.book, message);
  if (message.type === "unwatched") held.gone = new Set([...held.gone, message.patient_id]);
}

/** The patient is not to be seen any more: off the screen, as when the feed says so. */
function letGo(held: Held, patientId: string): void {
  held.book = without(held.book, patientId);
  held.gone = new Set([...held.gone, patientId]);
}

function askingOf(api: Client, held: Held, changed: () => void, signal: AbortSignal): Asking {
  const ask = async (patientId: string): Promise<Outcome> => {
    const asked = askedNow(held.book);
    try {
      const latest = await api.get("/v1/patients/{patient_id}/observations/latest", { path: { patient_id: patientId } }, signal);
      if (!held.book.sheets.has(patientId)) return "settled";
      held.book = answer(held.book, patientId, latest.items, asked);
    } catch (error) {
      if (!(error instanceof Refused) || (error.status !== 403 && error.status !== 404)) throw error;
      letGo(held, patientId);
    }
    changed();
    return held.book.unsettled.has(patientId) ? "open" : "settled";
  };
  return new Asking({
    ask,
    wanted: (patientId) => held.book.unsettled.has(patientId),
    pause: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
    chance: Math.random,
  });
}

function browserWorld(api: Client): World {
  return {
    clocks: readClocks,
    chance: Math.random,
    online: () => navigator.onLine,
    fetchTicket: async () => (await api.post("/v1/live/tickets", {})).ticket,
    openSocket,
    after: (ms, act) => void setTimeout(act, ms),
  };
}

function openSocket(events: SocketEvents): Socket {
  const scheme = window.location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${window.location.host}/v1/live`, SUBPROTOCOL);
  socket.onopen = () => events.opened();
  socket.onmessage = (message: MessageEvent<unknown>) => events.heard(message.data);
  socket.onclose = (close) => events.closed(close.code);
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: (code) => {
      // Closing a handshake under way makes the browser complain; let it come about first.
      if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close(code);
      else socket.close(code);
    },
  };
}

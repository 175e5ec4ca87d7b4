/** A page's live connection: opened with the page, closed with it, its messages folded into the table the page shows. */
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Client } from "../api/client.ts";
import type { LiveFacts } from "../components/live_context.ts";
import { useApi } from "../services.ts";
import { readClocks } from "./clocks.ts";
import { LiveConnection, type Socket, type SocketEvents, type World } from "./connection.ts";
import { fold, signsOf, type Table } from "./latest.ts";
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

/**
 * Watch these patients. The list may grow: what is added is asked for on the same socket. `known` is what the page already
 * has of them, shown until the first snapshot comes. An empty list opens nothing.
 */
export function useLive(patients: readonly string[], known: Table, onEvent?: OnEvent): Live {
  const api = useApi();
  const told = useRef<Table>(new Map());
  const gone = useRef<ReadonlySet<string>>(new Set());
  const [, bump] = useState(0);
  const [held, setHeld] = useState<LiveConnection | null>(null);
  const hear = useRef<OnEvent | undefined>(onEvent);
  hear.current = onEvent;
  const wanted = useRef(patients);
  wanted.current = patients;
  const any = patients.length > 0;

  const deliver = useCallback(
    (message: Heard) => {
      const { table, ask } = fold(told.current, message);
      told.current = table;
      if (message.type === "unwatched") gone.current = new Set([...gone.current, message.patient_id]);
      if (message.type === "event") hear.current?.(message);
      bump((count) => count + 1);
      for (const id of ask) {
        void askAgain(api, id).then((signs) => {
          told.current = new Map(told.current).set(id, signs);
          bump((count) => count + 1);
        });
      }
    },
    [api],
  );

  useEffect(() => {
    if (!any) return undefined;
    const connection = new LiveConnection(browserWorld(api), { patients: [...wanted.current] }, {
      changed: () => bump((count) => count + 1),
      delivered: deliver,
    });
    setHeld(connection);
    connection.start();
    const stopTicking = everySecond(() => connection.tick());
    const stopReturning = onReturn(() => {
      connection.returned();
      bump((count) => count + 1);
    });
    return () => {
      stopTicking();
      stopReturning();
      connection.stop();
    };
  }, [any, api, deliver]);

  const key = patients.join();
  useEffect(() => held?.alsoWatch([...wanted.current]), [held, key]);

  const connection = held?.connection ?? "connecting";
  const facts = useMemo<LiveFacts>(
    () => ({
      connection,
      vouchedFor: () => held?.vouchedFor ?? true,
      heardAt: () => held?.heardAt ?? null,
      now: () => held?.now() ?? Date.now(),
    }),
    [connection, held],
  );
  return { table: merged(known, told.current), facts, gone: gone.current, ending: held?.ending ?? null };
}

/** What the socket has told stands above what the page loaded before it. */
function merged(known: Table, told: Table): Table {
  return told.size === 0 ? known : new Map([...known, ...told]);
}

async function askAgain(api: Client, patientId: string): Promise<ReturnType<typeof signsOf>> {
  const answer = await api.get("/v1/patients/{patient_id}/observations/latest", { path: { patient_id: patientId } });
  return signsOf(answer.items);
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

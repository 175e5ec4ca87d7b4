/** What a live connection knows, and what a page may conclude from it. Pure: no socket, no timer, no page. */
import { elapsed, type Clocks, type ServerClock } from "./clocks.ts";
import type { Cursor, Heard, Said, Watch } from "./messages.ts";

export type Phase = "idle" | "ticket" | "opening" | "greeting" | "live" | "waiting" | "ended";
export type Ending = "stopped" | "signed_out" | "forbidden";

export interface LiveState {
  readonly phase: Phase;
  /** Since when in this phase, so that a step that never answers is given up. */
  readonly since: Clocks;
  /** When the page asked to watch, having just loaded what it shows. */
  readonly openedAt: Clocks;
  /** Counts attempts; what arrives for an earlier attempt is ignored. */
  readonly attempt: number;
  readonly failures: number;
  /** Holes seen in a row; a cursor that keeps leading into one is thrown away. */
  readonly holes: number;
  readonly watch: Watch;
  readonly cursor: Cursor | null;
  /** Number of the last event received or covered by a snapshot on this watch. */
  readonly last: number;
  /** Patients whose snapshot is still owed; while any is, a cursor would skip what we never saw. */
  readonly owed: ReadonlySet<string>;
  /** Whether the server is still telling what happened while we were away. */
  readonly replaying: boolean;
  readonly heartbeatMs: number;
  /** Whether it ever was live: before that it is "connecting", and nothing has been lost. */
  readonly beenLive: boolean;
  readonly heardAt: Clocks | null;
  readonly server: ServerClock | null;
  readonly ending: Ending | null;
}

export type Input =
  | { type: "start" }
  | { type: "ticket"; attempt: number; ticket: string }
  | { type: "ticket_failed"; attempt: number; status: number | null }
  | { type: "opened"; attempt: number; ticket: string }
  | { type: "heard"; attempt: number; message: Heard | null }
  | { type: "closed"; attempt: number; code: number }
  | { type: "tick" }
  /** The page is in view again, or the device says that it is back on a network. */
  | { type: "returned" }
  | { type: "wake"; attempt: number }
  | { type: "watch"; patients: string[] }
  | { type: "stop" };

export type Effect =
  | { do: "fetch_ticket"; attempt: number }
  | { do: "open"; attempt: number; ticket: string }
  | { do: "say"; message: Said }
  | { do: "close" }
  | { do: "wake"; attempt: number; afterMs: number }
  | { do: "deliver"; message: Heard };

export interface Step {
  readonly state: LiveState;
  readonly effects: readonly Effect[];
}

/** Before the first welcome the protocol's default is assumed. */
const DEFAULT_HEARTBEAT_MS = 5_000;

/** Missed heartbeats after which the feed is silent: docs/live-protocol.md asks clients for 2.5. */
const SILENT_AFTER_HEARTBEATS = 2.5;

/** Failures in a row after which "reconnecting" is no longer honest. With the back-off this is about ten seconds. */
const OFFLINE_AFTER_FAILURES = 4;

export function idle(watch: Watch, now: Clocks): LiveState {
  return {
    phase: "idle",
    since: now,
    openedAt: now,
    attempt: 0,
    failures: 0,
    holes: 0,
    watch,
    cursor: null,
    last: 0,
    owed: new Set(),
    replaying: false,
    heartbeatMs: DEFAULT_HEARTBEAT_MS,
    beenLive: false,
    heardAt: null,
    server: null,
    ending: null,
  };
}

/** True when what is on the screen may not be called current: not live, or nothing heard for 2.5 heartbeats. */
export function isSilent(state: LiveState, now: Clocks): boolean {
  if (state.phase !== "live" || state.heardAt === null) return true;
  return elapsed(state.heardAt, now) > SILENT_AFTER_HEARTBEATS * state.heartbeatMs;
}

/**
 * True when someone vouches for what is shown: the feed is live, or the page has loaded it so short a time ago that the
 * feed, which has not come yet, is not missed. Once it has been live, only the feed counts.
 */
export function isVouchedFor(state: LiveState, now: Clocks): boolean {
  if (!isSilent(state, now)) return true;
  if (state.beenLive || state.phase === "ended") return false;
  return elapsed(state.openedAt, now) <= SILENT_AFTER_HEARTBEATS * state.heartbeatMs;
}

export type Connection = "connecting" | "live" | "reconnecting" | "offline" | "ended";

/** The connection in one word, for the page. `online` is what the device says of its own network. */
export function connection(state: LiveState, now: Clocks, online: boolean): Connection {
  if (state.phase === "ended") return "ended";
  if (!isSilent(state, now)) return "live";
  if (!online || state.failures >= OFFLINE_AFTER_FAILURES) return "offline";
  return state.beenLive ? "reconnecting" : "connecting";
}

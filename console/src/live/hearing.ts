/** What each message of the server does to the state. Pure; the machine decides what follows from a hole. */
import type { Clocks } from "./clocks.ts";
import type { Heard, Heartbeat, LiveEvent, Snapshot, Unwatched, Welcome } from "./messages.ts";
import type { LiveState, Step } from "./state.ts";

export function onMessage(before: LiveState, message: Heard, now: Clocks): Step | "hole" {
  const state = { ...before, heardAt: now, server: serverClock(before, message, now) };
  switch (message.type) {
    case "welcome":
      return welcomed(state, message, now);
    case "resync":
      // Comes after a welcome that did not resume: the cursor is the new one already, and snapshots replace what is shown.
      return deliver(state, message);
    case "snapshot":
      return snapshotted(state, message, now);
    case "event":
      return happened(state, message);
    case "heartbeat":
      return beat(state, message, now);
    case "pong":
      return { state: settled({ ...state, replaying: false }, now), effects: [] };
    case "unwatched":
      return unwatched(state, message, now);
    default:
      return { state, effects: [] };
  }
}

function serverClock(state: LiveState, message: Heard, now: Clocks): LiveState["server"] {
  if (!("server_time" in message)) return state.server;
  const time = Date.parse(message.server_time);
  return Number.isNaN(time) ? state.server : { time, at: now };
}

function deliver(state: LiveState, message: Heard): Step {
  return { state, effects: [{ do: "deliver", message }] };
}

function welcomed(state: LiveState, message: Welcome, now: Clocks): Step {
  const from = message.resumed && state.cursor !== null ? state.cursor.number : message.number;
  const next: LiveState = {
    ...state,
    cursor: { epoch: message.epoch, number: from },
    last: from,
    // What was asked for between hello and welcome is owed besides what the welcome lists.
    owed: new Set([...state.owed, ...(message.resumed ? [] : message.patients)]),
    replaying: message.resumed,
    heartbeatMs: message.heartbeat_seconds * 1000,
  };
  const step = deliver(settled(next, now), message);
  // The answer comes after the replay: until then what is shown may be long past, and is not called live.
  return message.resumed ? { ...step, effects: [...step.effects, { do: "say", message: { type: "ping" } }] } : step;
}

/** Live once every snapshot owed has come, or the replay is over. */
function settled(state: LiveState, now: Clocks): LiveState {
  return state.phase === "greeting" && state.owed.size === 0 && !state.replaying ? { ...state, phase: "live", since: now, beenLive: true } : state;
}

function snapshotted(state: LiveState, message: Snapshot, now: Clocks): Step {
  return deliver(settled({ ...state, owed: without(state.owed, message.patient_id) }, now), message);
}

function happened(state: LiveState, message: LiveEvent): Step | "hole" {
  if (message.number <= state.last) return { state, effects: [] };
  if (message.previous > state.last) return "hole";
  return deliver(advanced(state, message.number, message.number), message);
}

function beat(before: LiveState, message: Heartbeat, now: Clocks): Step | "hole" {
  if (message.last > before.last) return "hole";
  const state = before.cursor === null ? before : settled({ ...before, replaying: false }, now);
  // Only now is the connection known to hold: a server that welcomes and drops must not be tried without pause.
  return { state: { ...advanced(state, state.last, message.number), failures: 0, holes: 0 }, effects: [] };
}

function advanced(state: LiveState, last: number, covered: number): LiveState {
  if (state.cursor === null) return { ...state, last };
  return { ...state, last, cursor: { ...state.cursor, number: Math.max(state.cursor.number, covered) } };
}

function unwatched(state: LiveState, message: Unwatched, now: Clocks): Step {
  const watch =
    "patients" in state.watch ? { patients: state.watch.patients.filter((id) => id !== message.patient_id) } : state.watch;
  return deliver(settled({ ...state, watch, owed: without(state.owed, message.patient_id) }, now), message);
}

function without(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return new Set([...ids].filter((other) => other !== id));
}

/**
 * The live connection's rules as one pure function: (state, input, now, chance) -> (state, effects).
 * Ticket, hello, welcome, snapshots, events, heartbeats; back-off and resume from the cursor; holes and silence found here.
 * It refuses to know sockets, timers, tokens and the page: connection.ts carries its effects out.
 */
import { delayAfter } from "./backoff.ts";
import { elapsed, type Clocks } from "./clocks.ts";
import { onMessage } from "./hearing.ts";
import { CLOSE, type Watch } from "./messages.ts";
import { isSilent, type Effect, type Ending, type Input, type LiveState, type Step } from "./state.ts";

/** A ticket, a handshake or a welcome that takes longer than this is given up. */
const STEP_LIMIT_MS = 10_000;

/** After "too many messages", and after a message the server could not read: repeating at once would be the same fault. */
const PENALTY_MS = 10_000;

export function step(state: LiveState, input: Input, now: Clocks, chance: number): Step {
  if ("attempt" in input && input.attempt !== state.attempt) return same(state);
  switch (input.type) {
    case "start":
      return state.phase === "idle" ? connect(state, now) : same(state);
    case "stop":
      return end(state, "stopped", now);
    case "ticket":
      return { state: enter(state, "opening", now), effects: [{ do: "open", attempt: state.attempt, ticket: input.ticket }] };
    case "ticket_failed":
      return ticketFailed(state, input.status, now, chance);
    case "opened":
      return greet(state, input.ticket, now);
    case "heard":
      return hear(state, input.message, now, chance);
    case "closed":
      return closed(state, input.code, now, chance);
    case "wake":
      return state.phase === "waiting" ? connect(state, now) : same(state);
    case "tick":
      return tick(state, now, chance);
    case "returned":
      return returned(state, now);
    case "watch":
      return alsoWatch(state, input.patients);
  }
}

function same(state: LiveState): Step {
  return { state, effects: [] };
}

function enter(state: LiveState, phase: LiveState["phase"], now: Clocks): LiveState {
  return { ...state, phase, since: now };
}

function connect(state: LiveState, now: Clocks): Step {
  const next = { ...enter(state, "ticket", now), attempt: state.attempt + 1 };
  return { state: next, effects: [{ do: "fetch_ticket", attempt: next.attempt }] };
}

/** Say hello. A cursor is offered only when nothing is owed: it would skip what we have never seen. */
function greet(state: LiveState, ticket: string, now: Clocks): Step {
  const cursor = state.owed.size === 0 ? state.cursor : null;
  const next = { ...enter(state, "greeting", now), cursor, owed: new Set<string>() };
  return { state: next, effects: [{ do: "say", message: { type: "hello", ticket, watch: state.watch, cursor } }] };
}

function end(state: LiveState, ending: Ending, now: Clocks): Step {
  if (state.phase === "ended") return same(state);
  const next = { ...enter(state, "ended", now), attempt: state.attempt + 1, ending };
  return { state: next, effects: [{ do: "close" }] };
}

/** Give this attempt up and try again later. A new attempt number makes whatever is still on its way harmless. */
function retry(state: LiveState, now: Clocks, chance: number, atLeastMs = 0): Step {
  const failures = state.failures + 1;
  const next = { ...enter(state, "waiting", now), failures, attempt: state.attempt + 1 };
  const afterMs = Math.max(atLeastMs, delayAfter(failures, chance));
  return { state: next, effects: [{ do: "close" }, { do: "wake", attempt: next.attempt, afterMs }] };
}

function ticketFailed(state: LiveState, status: number | null, now: Clocks, chance: number): Step {
  if (status === 401) return end(state, "signed_out", now);
  if (status === 403 || status === 404) return end(state, "forbidden", now);
  return retry(state, now, chance, status === 429 ? PENALTY_MS : 0);
}

function closed(state: LiveState, code: number, now: Clocks, chance: number): Step {
  if (state.phase === "ended") return same(state);
  if (code === CLOSE.forbidden) return end(state, "forbidden", now);
  const ourFault = code === CLOSE.tooMany || code === CLOSE.badMessage;
  return retry(state, now, chance, ourFault ? PENALTY_MS : 0);
}

function hear(state: LiveState, message: Parameters<typeof onMessage>[1] | null, now: Clocks, chance: number): Step {
  if (message === null) return retry(state, now, chance);
  const outcome = onMessage(state, message, now);
  return outcome === "hole" ? hole(state, now, chance) : outcome;
}

/** Something was sent that we never had: ask again from the last number we are sure of; after three times, for a snapshot. */
function hole(state: LiveState, now: Clocks, chance: number): Step {
  const holes = state.holes + 1;
  const cursor = holes >= 3 ? null : state.cursor;
  return retry({ ...state, holes, cursor }, now, chance);
}

function tick(state: LiveState, now: Clocks, chance: number): Step {
  if (state.phase === "live") return isSilent(state, now) ? retry(state, now, chance) : same(state);
  const stepping = state.phase === "ticket" || state.phase === "opening" || state.phase === "greeting";
  return stepping && quietFor(state, now) > STEP_LIMIT_MS ? retry(state, now, chance) : same(state);
}

/** Milliseconds without progress in this step: many snapshots, or a long replay, may take their time. */
function quietFor(state: LiveState, now: Clocks): number {
  const inStep = elapsed(state.since, now);
  return state.heardAt === null ? inStep : Math.min(inStep, elapsed(state.heardAt, now));
}

/** Someone is looking again: whoever waits tries at once, and a feed that fell silent in the background is not trusted. */
function returned(state: LiveState, now: Clocks): Step {
  if (state.phase === "waiting") return connect(state, now);
  if (state.phase !== "live" || !isSilent(state, now)) return same(state);
  const again = connect(state, now);
  return { state: again.state, effects: [{ do: "close" }, ...again.effects] };
}

function alsoWatch(state: LiveState, patients: string[]): Step {
  const watched = new Set(watchedPatients(state.watch));
  const added = patients.filter((id) => !watched.has(id));
  if (added.length === 0 || !("patients" in state.watch)) return same(state);
  const watch: Watch = { patients: [...state.watch.patients, ...added] };
  const next = { ...state, watch, owed: new Set([...state.owed, ...added]) };
  const say: Effect = { do: "say", message: { type: "watch", patients: added } };
  return { state: next, effects: state.phase === "live" || state.phase === "greeting" ? [say] : [] };
}

function watchedPatients(watch: Watch): string[] {
  return "patients" in watch ? watch.patients : [];
}

/** A hand to drive the state machine with: a clock that moves when told, and the messages of a server that keeps its word. */
import type { Clocks } from "../src/live/clocks.ts";
import { step } from "../src/live/machine.ts";
import type { Heard, LiveEvent, Said, Watch } from "../src/live/messages.ts";
import { idle, type Effect, type Input, type LiveState } from "../src/live/state.ts";

export const EPOCH = "0195d1c0-0000-7000-8000-000000000001";
export const DORIS = "0195d1c0-0000-7000-8000-0000000000d1";
export const ARTHUR = "0195d1c0-0000-7000-8000-0000000000a1";
export const START = Date.parse("2026-03-01T09:00:00Z");

export class Machine {
  state: LiveState;
  now: Clocks = { wall: START, steady: 0 };
  effects: Effect[] = [];

  constructor(watch: Watch = { patients: [DORIS] }) {
    this.state = idle(watch, this.now);
  }

  /** Both clocks move on, as they do on a machine that is awake. */
  pass(ms: number): this {
    this.now = { wall: this.now.wall + ms, steady: this.now.steady + ms };
    return this;
  }

  take(input: Input): Effect[] {
    const next = step(this.state, input, this.now, 0.5);
    this.state = next.state;
    this.effects = [...next.effects];
    return this.effects;
  }

  hear(message: Heard | null): Effect[] {
    return this.take({ type: "heard", attempt: this.state.attempt, message });
  }

  /** Through ticket and handshake; returns the hello. */
  connect(): Said | undefined {
    if (this.state.phase === "idle") this.take({ type: "start" });
    else this.take({ type: "wake", attempt: this.state.attempt });
    this.take({ type: "ticket", attempt: this.state.attempt, ticket: "t1" });
    const said = this.take({ type: "opened", attempt: this.state.attempt, ticket: "t1" });
    return said.flatMap((effect) => (effect.do === "say" ? [effect.message] : []))[0];
  }

  /** Connected, welcomed at `number`, every snapshot received. */
  live(number = 100, patients = [DORIS]): this {
    this.connect();
    this.hear(welcome(number, patients));
    for (const patient of patients) this.hear(snapshot(patient, number));
    return this;
  }

  serverTime(): string {
    return new Date(this.now.wall).toISOString();
  }
}

export function welcome(number: number, patients = [DORIS], resumed = false): Heard {
  return {
    type: "welcome",
    epoch: EPOCH,
    number,
    server_time: new Date(START).toISOString(),
    heartbeat_seconds: 5,
    patients,
    resumed,
  };
}

export function pong(): Heard {
  return { type: "pong", server_time: new Date(START).toISOString() };
}

export function snapshot(patient: string, number: number): Heard {
  return { type: "snapshot", patient_id: patient, number, latest: [] };
}

export function event(number: number, previous: number): LiveEvent {
  return {
    type: "event",
    number,
    previous,
    kind: "observation.recorded",
    patient_id: DORIS,
    at: new Date(START).toISOString(),
    server_time: new Date(START).toISOString(),
    observations: [],
    subject_ids: [],
  };
}

export function heartbeat(number: number, last: number): Heard {
  return { type: "heartbeat", server_time: new Date(START).toISOString(), number, last };
}

export function did(effects: readonly Effect[], what: Effect["do"]): boolean {
  return effects.some((effect) => effect.do === what);
}

/**
 * Carries out what the machine decides: tickets, one socket, timers. Holds no rule of its own, so that every rule is tested
 * without a socket. The page hears of each change of state, and of each message to be shown.
 */
import { connection, idle, isVouchedFor, type Connection, type Effect, type Input, type LiveState } from "./state.ts";
import { elapsed, serverNow, type Clocks } from "./clocks.ts";
import { step } from "./machine.ts";
import { CLOSE, heard, type Heard, type Said, type Watch } from "./messages.ts";

export interface Socket {
  send(text: string): void;
  close(code: number): void;
}

export interface SocketEvents {
  opened(): void;
  heard(frame: unknown): void;
  closed(code: number): void;
}

/** All that a connection needs from the world; a test gives its own. */
export interface World {
  clocks(): Clocks;
  chance(): number;
  online(): boolean;
  /** A single-use ticket; rejects with `{ status }` of the API's answer, or without one when nothing answered. */
  fetchTicket(): Promise<string>;
  openSocket(events: SocketEvents): Socket;
  after(ms: number, act: () => void): void;
}

export interface Listener {
  changed(): void;
  delivered(message: Heard): void;
}

export class LiveConnection {
  #state: LiveState;
  #socket: Socket | null = null;
  readonly #world: World;
  readonly #listener: Listener;

  constructor(world: World, watch: Watch, listener: Listener) {
    this.#world = world;
    this.#listener = listener;
    this.#state = idle(watch, world.clocks());
  }

  start(): void {
    this.#take({ type: "start" });
  }

  stop(): void {
    this.#take({ type: "stop" });
  }

  /** To be called at least once a second, and whenever the page comes back into view. */
  tick(): void {
    this.#take({ type: "tick" });
  }

  returned(): void {
    this.#take({ type: "returned" });
  }

  alsoWatch(patients: string[]): void {
    this.#take({ type: "watch", patients });
  }

  get connection(): Connection {
    return connection(this.#state, this.#world.clocks(), this.#world.online());
  }

  /** Whether what the page shows may be taken for current. */
  get vouchedFor(): boolean {
    return isVouchedFor(this.#state, this.#world.clocks());
  }

  get ending(): LiveState["ending"] {
    return this.#state.ending;
  }

  /** Milliseconds since the epoch by the server's clock. */
  now(): number {
    return serverNow(this.#state.server, this.#world.clocks());
  }

  /** When the server was last heard, by our wall clock; null before the first message. */
  get heardAt(): number | null {
    const { heardAt } = this.#state;
    const now = this.#world.clocks();
    return heardAt === null ? null : now.wall - elapsed(heardAt, now);
  }

  #take(input: Input): void {
    const before = this.#state;
    const { state, effects } = step(before, input, this.#world.clocks(), this.#world.chance());
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    if (state !== before) this.#listener.changed();
  }

  #carryOut(effect: Effect): void {
    switch (effect.do) {
      case "fetch_ticket":
        return this.#fetchTicket(effect.attempt);
      case "open":
        return this.#open(effect.attempt, effect.ticket);
      case "say":
        return this.#say(effect.message);
      case "close":
        return this.#close();
      case "wake":
        return this.#world.after(effect.afterMs, () => this.#take({ type: "wake", attempt: effect.attempt }));
      case "deliver":
        return this.#listener.delivered(effect.message);
    }
  }

  #fetchTicket(attempt: number): void {
    this.#world.fetchTicket().then(
      (ticket) => this.#take({ type: "ticket", attempt, ticket }),
      (error: unknown) => this.#take({ type: "ticket_failed", attempt, status: statusOf(error) }),
    );
  }

  #open(attempt: number, ticket: string): void {
    this.#socket = this.#world.openSocket({
      opened: () => this.#take({ type: "opened", attempt, ticket }),
      heard: (frame) => this.#take({ type: "heard", attempt, message: heard(frame) }),
      closed: (code) => this.#take({ type: "closed", attempt, code }),
    });
  }

  #say(message: Said): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #close(): void {
    this.#socket?.close(CLOSE.ours);
    this.#socket = null;
  }
}

function statusOf(error: unknown): number | null {
  if (typeof error !== "object" || error === null || !("status" in error)) return null;
  return typeof error.status === "number" ? error.status : null;
}

/**
 * Time that cannot flatter a value. Two clocks are read together because each fails alone: a wall clock can be set back,
 * and a steady clock stops on some machines while they sleep. The longer of the two is the time that has passed.
 */

export interface Clocks {
  /** Milliseconds since the epoch, as this device believes. */
  readonly wall: number;
  /** Milliseconds since the page began, never set back. */
  readonly steady: number;
}

export function readClocks(): Clocks {
  return { wall: Date.now(), steady: performance.now() };
}

/** Milliseconds between two readings, by whichever clock says more; never negative. */
export function elapsed(from: Clocks, to: Clocks): number {
  return Math.max(0, to.wall - from.wall, to.steady - from.steady);
}

/** The server's clock as last heard, and when on ours. */
export interface ServerClock {
  readonly time: number;
  readonly at: Clocks;
}

/** Milliseconds since the epoch by the server's clock; our own when the server has not been heard. */
export function serverNow(server: ServerClock | null, now: Clocks): number {
  return server === null ? now.wall : server.time + elapsed(server.at, now);
}

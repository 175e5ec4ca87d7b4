import { describe, expect, test } from "vitest";
import { address } from "../src/api/client.ts";
import type { Latest } from "../src/api/types.ts";
import type { Clocks } from "../src/live/clocks.ts";
import { LiveConnection, type SocketEvents, type World } from "../src/live/connection.ts";
import { isStale } from "../src/live/staleness.ts";
import type { Heard } from "../src/live/messages.ts";
import { DORIS, START, heartbeat, snapshot, welcome } from "./live_world.ts";

/** A world that does only what it is told, and remembers what was asked of it. */
class Fake implements World {
  now: Clocks = { wall: START, steady: 0 };
  tickets: { resolve: (ticket: string) => void; reject: (error: unknown) => void }[] = [];
  sockets: { events: SocketEvents; said: unknown[]; closed: boolean }[] = [];
  timers: { ms: number; act: () => void }[] = [];

  clocks = (): Clocks => this.now;
  chance = (): number => 0.5;
  online = (): boolean => true;
  fetchTicket = (): Promise<string> => new Promise((resolve, reject) => this.tickets.push({ resolve, reject }));
  after = (ms: number, act: () => void): void => void this.timers.push({ ms, act });
  openSocket = (events: SocketEvents) => {
    const socket = { events, said: [] as unknown[], closed: false };
    this.sockets.push(socket);
    return { send: (text: string) => void socket.said.push(JSON.parse(text)), close: () => void (socket.closed = true) };
  };
}

async function live(): Promise<{ world: Fake; connection: LiveConnection; delivered: Heard[] }> {
  const world = new Fake();
  const delivered: Heard[] = [];
  const connection = new LiveConnection(world, { patients: [DORIS] }, { changed: () => undefined, delivered: (message) => void delivered.push(message) });
  connection.start();
  world.tickets[0]?.resolve("t1");
  await Promise.resolve();
  world.sockets[0]?.events.opened();
  for (const message of [welcome(100), snapshot(DORIS, 100)]) world.sockets[0]?.events.heard(JSON.stringify(message));
  return { world, connection, delivered };
}

describe("carrying out what the machine decides", () => {
  test("ticket, socket, hello; then what the server tells is handed on", async () => {
    const { world, connection, delivered } = await live();
    expect(world.sockets[0]?.said).toEqual([{ type: "hello", ticket: "t1", watch: { patients: [DORIS] }, cursor: null }]);
    expect(connection.connection).toBe("live");
    expect(delivered.map(({ type }) => type)).toEqual(["welcome", "snapshot"]);
  });

  test("a closed socket is followed by another when its time has come", async () => {
    const { world, connection } = await live();
    world.sockets[0]?.events.closed(1006);
    expect(connection.connection).toBe("reconnecting");
    world.timers[0]?.act();
    expect(world.tickets).toHaveLength(2);
  });

  test("after stopping, a ticket that was on its way opens nothing", async () => {
    const { world, connection } = await live();
    world.sockets[0]?.events.closed(1006);
    world.timers[0]?.act();
    connection.stop();
    world.tickets[1]?.resolve("t2");
    await Promise.resolve();
    expect(world.sockets).toHaveLength(1);
    expect(connection.connection).toBe("ended");
  });

  test("a ticket refused for good ends it", async () => {
    const { world, connection } = await live();
    world.sockets[0]?.events.closed(4401);
    world.timers[0]?.act();
    world.tickets[1]?.reject({ status: 401 });
    await Promise.resolve();
    await Promise.resolve();
    expect(connection.ending).toBe("signed_out");
  });

  test("what is said on a socket that was given up is not heard", async () => {
    const { world, connection, delivered } = await live();
    world.sockets[0]?.events.closed(1006);
    world.sockets[0]?.events.heard(JSON.stringify(heartbeat(200, 100)));
    expect(delivered).toHaveLength(2);
    expect(connection.connection).toBe("reconnecting");
  });

  test("ages are counted by the server's clock, however wrong ours is", async () => {
    const { world, connection } = await live();
    world.now = { wall: START + 30_000, steady: 30_000 };
    expect(connection.now()).toBe(START + 30_000);
    world.now = { wall: START - 86_400_000, steady: 40_000 };
    expect(connection.now()).toBe(START + 40_000);
  });
});

describe("who vouches for what is shown", () => {
  test("what a page has just loaded is taken for current for as long as a feed may be silent, and no longer", () => {
    const world = new Fake();
    const connection = new LiveConnection(world, { patients: [DORIS] }, { changed: () => undefined, delivered: () => undefined });
    connection.start();
    world.now = { wall: START + 12_500, steady: 12_500 };
    expect(connection.vouchedFor).toBe(true);
    world.now = { wall: START + 12_501, steady: 12_501 };
    expect(connection.vouchedFor).toBe(false);
  });

  test("once it has been live, only the feed counts", async () => {
    const { world, connection } = await live();
    expect(connection.vouchedFor).toBe(true);
    world.sockets[0]?.events.closed(1006);
    expect(connection.vouchedFor).toBe(false);
  });

  test("a connection that has ended vouches for nothing", async () => {
    const { connection } = await live();
    connection.stop();
    expect(connection.vouchedFor).toBe(false);
  });
});

describe("a stale reading", () => {
  const latest = (stale: boolean): Latest => ({ stale, observation: { effective_at: new Date(START).toISOString() } }) as Latest;

  test("nobody vouches for it", () => {
    expect(isStale(latest(false), false, START, null)).toBe(true);
  });

  test("it has grown older than its sign may be, without anybody telling", () => {
    expect(isStale(latest(false), true, START + 60_000, 60)).toBe(false);
    expect(isStale(latest(false), true, START + 60_001, 60)).toBe(true);
  });

  test("what the server called stale is not made fresh by a clock of ours", () => {
    expect(isStale(latest(true), true, START - 1_000_000, 60)).toBe(true);
  });
});

describe("addresses of the API", () => {
  test("parameters are put in place and escaped; what is not set is not sent", () => {
    expect(address("/v1/patients/{patient_id}/goals", { path: { patient_id: "a/b" }, query: { limit: 50, cursor: null, sign: "" } })).toBe(
      "/v1/patients/a%2Fb/goals?limit=50",
    );
  });

  test("a plus sign in an offset survives the query", () => {
    expect(address("/v1/x", { query: { from: "2026-03-01T09:00:00+01:00" } })).toBe("/v1/x?from=2026-03-01T09%3A00%3A00%2B01%3A00");
  });
});

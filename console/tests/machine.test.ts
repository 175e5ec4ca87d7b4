import { describe, expect, test } from "vitest";
import { connection, isSilent } from "../src/live/state.ts";
import { ARTHUR, DORIS, EPOCH, Machine, did, event, heartbeat, pong, snapshot, welcome } from "./live_world.ts";

describe("saying hello", () => {
  test("the first hello has no cursor and names the patients", () => {
    expect(new Machine().connect()).toEqual({ type: "hello", ticket: "t1", watch: { patients: [DORIS] }, cursor: null });
  });

  test("it is live only when every snapshot that the welcome promised has come", () => {
    const machine = new Machine({ patients: [DORIS, ARTHUR] });
    machine.connect();
    machine.hear(welcome(100, [DORIS, ARTHUR]));
    machine.hear(snapshot(DORIS, 100));
    expect(connection(machine.state, machine.now, true)).toBe("connecting");
    machine.hear(snapshot(ARTHUR, 100));
    expect(connection(machine.state, machine.now, true)).toBe("live");
  });

  test("nothing but a welcome makes it live: an open socket is not a feed", () => {
    const machine = new Machine();
    machine.connect();
    machine.hear(heartbeat(5, 0));
    expect(isSilent(machine.state, machine.now)).toBe(true);
  });

  test("a step that never answers is given up after ten seconds", () => {
    const machine = new Machine();
    machine.take({ type: "start" });
    machine.pass(9_999).take({ type: "tick" });
    expect(machine.state.phase).toBe("ticket");
    machine.pass(2).take({ type: "tick" });
    expect(machine.state.phase).toBe("waiting");
  });

  test("a ticket that comes for an attempt already given up is not used", () => {
    const machine = new Machine();
    machine.take({ type: "start" });
    const given = machine.state.attempt;
    machine.pass(10_001).take({ type: "tick" });
    expect(machine.take({ type: "ticket", attempt: given, ticket: "late" })).toEqual([]);
  });
});

describe("silence", () => {
  test("2.5 heartbeats without a message are silence, one millisecond less is not", () => {
    const machine = new Machine().live();
    expect(isSilent(machine.state, machine.pass(12_500).now)).toBe(false);
    expect(isSilent(machine.state, machine.pass(1).now)).toBe(true);
  });

  test("any message ends the wait, not only a heartbeat", () => {
    const machine = new Machine().live();
    machine.pass(12_000).hear(event(101, 100));
    expect(isSilent(machine.state, machine.pass(12_000).now)).toBe(false);
  });

  test("a wall clock that is set back does not make a silent feed look fresh", () => {
    const machine = new Machine().live();
    machine.now = { wall: machine.now.wall - 3_600_000, steady: machine.now.steady + 13_000 };
    expect(isSilent(machine.state, machine.now)).toBe(true);
  });

  test("a machine that slept (its steady clock stood still) comes back silent", () => {
    const machine = new Machine().live();
    machine.now = { wall: machine.now.wall + 3_600_000, steady: machine.now.steady + 5 };
    expect(isSilent(machine.state, machine.now)).toBe(true);
  });

  test("silence closes the socket and asks again from the cursor", () => {
    const machine = new Machine().live(100);
    machine.hear(event(105, 100));
    expect(did(machine.pass(12_501).take({ type: "tick" }), "close")).toBe(true);
    expect(machine.connect()).toMatchObject({ cursor: { epoch: EPOCH, number: 105 } });
  });

  test("a tab that comes back after a long time in the background is silent at once and reconnects at once", () => {
    const machine = new Machine().live();
    const effects = machine.pass(60_000).take({ type: "returned" });
    expect(connection(machine.state, machine.now, true)).toBe("reconnecting");
    expect(effects.map((effect) => effect.do)).toEqual(["close", "fetch_ticket"]);
  });

  test("a tab that comes back within the time keeps its connection", () => {
    const machine = new Machine().live();
    expect(machine.pass(3_000).take({ type: "returned" })).toEqual([]);
    expect(connection(machine.state, machine.now, true)).toBe("live");
  });

  test("after the return it is live again only when the server has welcomed it", () => {
    const machine = new Machine().live();
    machine.pass(60_000).take({ type: "returned" });
    machine.take({ type: "ticket", attempt: machine.state.attempt, ticket: "t2" });
    machine.take({ type: "opened", attempt: machine.state.attempt, ticket: "t2" });
    expect(isSilent(machine.state, machine.now)).toBe(true);
    machine.hear(welcome(100, [DORIS], true));
    expect(isSilent(machine.state, machine.now)).toBe(true);
    machine.hear(pong());
    expect(isSilent(machine.state, machine.now)).toBe(false);
  });
});

describe("the chain of numbers", () => {
  test("an event in order is delivered and moves the cursor", () => {
    const machine = new Machine().live(100);
    expect(did(machine.hear(event(107, 100)), "deliver")).toBe(true);
    expect(machine.state.cursor).toEqual({ epoch: EPOCH, number: 107 });
  });

  test("an event that came before is not delivered twice", () => {
    const machine = new Machine().live(100);
    machine.hear(event(107, 100));
    expect(machine.hear(event(107, 100))).toEqual([]);
    expect(machine.hear(event(103, 100))).toEqual([]);
  });

  test("an event whose predecessor never came is a hole: it is not shown, and the connection starts again before it", () => {
    const machine = new Machine().live(100);
    const effects = machine.hear(event(120, 110));
    expect(did(effects, "deliver")).toBe(false);
    expect(did(effects, "close")).toBe(true);
    expect(machine.connect()).toMatchObject({ cursor: { epoch: EPOCH, number: 100 } });
  });

  test("a heartbeat that speaks of an event we never had is a hole", () => {
    const machine = new Machine().live(100);
    expect(did(machine.hear(heartbeat(130, 120)), "close")).toBe(true);
  });

  test("a heartbeat without loss moves the cursor up to the high-water mark", () => {
    const machine = new Machine().live(100);
    machine.hear(event(107, 100));
    machine.hear(heartbeat(140, 107));
    expect(machine.state.cursor).toEqual({ epoch: EPOCH, number: 140 });
    expect(did(machine.hear(event(150, 107)), "deliver")).toBe(true);
  });

  test("a cursor that leads into a hole three times is given up for a snapshot", () => {
    const machine = new Machine().live(100);
    for (let time = 0; time < 2; time += 1) {
      machine.hear(event(120, 110));
      expect(machine.connect()).toMatchObject({ cursor: { number: 100 } });
      machine.hear(welcome(100, [DORIS], true));
    }
    machine.hear(event(120, 110));
    expect(machine.connect()).toMatchObject({ cursor: null });
  });
});

describe("resuming", () => {
  test("a resumed connection owes no snapshot and replays from the cursor", () => {
    const machine = new Machine().live(100);
    machine.take({ type: "closed", attempt: machine.state.attempt, code: 1006 });
    machine.connect();
    machine.hear(welcome(100, [DORIS], true));
    expect(did(machine.hear(event(115, 100)), "deliver")).toBe(true);
    expect(did(machine.hear(event(130, 115)), "deliver")).toBe(true);
  });

  test("while the past is replayed nothing is called live; the answer to a ping says that it is over", () => {
    const machine = new Machine().live(100);
    machine.take({ type: "closed", attempt: machine.state.attempt, code: 1006 });
    machine.connect();
    const effects = machine.hear(welcome(100, [DORIS], true));
    expect(effects).toContainEqual({ do: "say", message: { type: "ping" } });
    machine.hear(event(115, 100));
    expect(connection(machine.state, machine.now, true)).toBe("reconnecting");
    machine.hear(pong());
    expect(connection(machine.state, machine.now, true)).toBe("live");
  });

  test("a replay that takes long is not given up while it goes on", () => {
    const machine = new Machine().live(100);
    machine.take({ type: "closed", attempt: machine.state.attempt, code: 1006 });
    machine.connect();
    machine.hear(welcome(100, [DORIS], true));
    for (let number = 101; number < 110; number += 1) {
      machine.pass(4_000).hear(event(number, number - 1));
      machine.take({ type: "tick" });
    }
    expect(machine.state.phase).toBe("greeting");
    machine.pass(10_001).take({ type: "tick" });
    expect(machine.state.phase).toBe("waiting");
  });

  test("a resync throws the cursor away; what was number 500 before may be number 3 now", () => {
    const machine = new Machine().live(500);
    machine.take({ type: "closed", attempt: machine.state.attempt, code: 1012 });
    machine.connect();
    machine.hear(welcome(3, [DORIS], false));
    machine.hear({ type: "resync", reason: "epoch" });
    machine.hear(snapshot(DORIS, 3));
    expect(did(machine.hear(event(4, 3)), "deliver")).toBe(true);
    expect(machine.state.cursor).toEqual({ epoch: EPOCH, number: 4 });
  });

  test("while a snapshot is owed no cursor is offered: it would skip what was never seen", () => {
    const machine = new Machine({ patients: [DORIS, ARTHUR] });
    machine.connect();
    machine.hear(welcome(100, [DORIS, ARTHUR]));
    machine.hear(snapshot(DORIS, 100));
    machine.take({ type: "closed", attempt: machine.state.attempt, code: 1006 });
    expect(machine.connect()).toMatchObject({ cursor: null });
  });

  test("a patient added to a live watch is asked for on the same socket, and owed until their snapshot comes", () => {
    const machine = new Machine().live(100);
    expect(machine.take({ type: "watch", patients: [DORIS, ARTHUR] })).toEqual([
      { do: "say", message: { type: "watch", patients: [ARTHUR] } },
    ]);
    machine.take({ type: "closed", attempt: machine.state.attempt, code: 1006 });
    expect(machine.connect()).toMatchObject({ watch: { patients: [DORIS, ARTHUR] }, cursor: null });
  });

  test("a patient added while the connection is down is named in the next hello", () => {
    const machine = new Machine().live(100);
    machine.take({ type: "closed", attempt: machine.state.attempt, code: 1006 });
    expect(machine.take({ type: "watch", patients: [DORIS, ARTHUR] })).toEqual([]);
    expect(machine.connect()).toMatchObject({ watch: { patients: [DORIS, ARTHUR] }, cursor: null });
  });

  test("a patient whose access ended is not asked for again", () => {
    const machine = new Machine({ patients: [DORIS, ARTHUR] }).live(100, [DORIS, ARTHUR]);
    machine.hear({ type: "unwatched", patient_id: ARTHUR, reason: "access" });
    machine.take({ type: "closed", attempt: machine.state.attempt, code: 1006 });
    expect(machine.connect()).toMatchObject({ watch: { patients: [DORIS] } });
  });
});

describe("backing off", () => {
  const waits = (machine: Machine): number[] =>
    machine.effects.flatMap((effect) => (effect.do === "wake" ? [effect.afterMs] : []));

  test("each failure doubles the wait, up to fifteen seconds", () => {
    const machine = new Machine();
    machine.take({ type: "start" });
    const seen: number[] = [];
    for (let time = 0; time < 8; time += 1) {
      machine.take({ type: "ticket_failed", attempt: machine.state.attempt, status: null });
      seen.push(...waits(machine));
      machine.take({ type: "wake", attempt: machine.state.attempt });
    }
    expect(seen).toEqual([375, 750, 1500, 3000, 6000, 11250, 11250, 11250]);
  });

  test("a welcome alone does not reset the wait; a heartbeat does", () => {
    const machine = new Machine().live();
    for (let time = 0; time < 3; time += 1) {
      machine.take({ type: "closed", attempt: machine.state.attempt, code: 4408 });
      machine.connect();
      machine.hear(welcome(100, [DORIS], true));
    }
    expect(machine.state.failures).toBe(3);
    machine.hear(heartbeat(100, 100));
    expect(machine.state.failures).toBe(0);
  });

  test("too many messages, and a message the server could not read, wait ten seconds", () => {
    for (const code of [4429, 4400]) {
      const machine = new Machine().live();
      machine.take({ type: "closed", attempt: machine.state.attempt, code });
      expect(waits(machine)).toEqual([10_000]);
    }
  });

  test("after four failures it says offline, and at once when the device has no network", () => {
    const machine = new Machine().live();
    expect(connection(machine.state, machine.now, false)).toBe("live");
    machine.take({ type: "closed", attempt: machine.state.attempt, code: 1006 });
    expect(connection(machine.state, machine.now, false)).toBe("offline");
    expect(connection(machine.state, machine.now, true)).toBe("reconnecting");
    for (let time = 0; time < 3; time += 1) {
      machine.take({ type: "wake", attempt: machine.state.attempt });
      machine.take({ type: "ticket_failed", attempt: machine.state.attempt, status: 503 });
    }
    expect(connection(machine.state, machine.now, true)).toBe("offline");
  });
});

describe("the end", () => {
  test("signing out closes the socket and nothing opens it again", () => {
    const machine = new Machine().live();
    const attempt = machine.state.attempt;
    expect(did(machine.take({ type: "stop" }), "close")).toBe(true);
    for (const type of ["start", "tick", "returned", "stop"] as const) {
      expect(machine.pass(60_000).take({ type })).toEqual([]);
    }
    expect(machine.take({ type: "closed", attempt, code: 1000 })).toEqual([]);
    expect(connection(machine.state, machine.now, true)).toBe("ended");
  });

  test("a refused ticket ends it: 401 because the session is over, 403 because it may not watch", () => {
    for (const [status, ending] of [[401, "signed_out"], [403, "forbidden"]] as const) {
      const machine = new Machine();
      machine.take({ type: "start" });
      machine.take({ type: "ticket_failed", attempt: machine.state.attempt, status });
      expect(machine.state.ending).toBe(ending);
    }
  });

  test("a socket closed for an expired token asks for a new ticket", () => {
    const machine = new Machine().live();
    machine.take({ type: "closed", attempt: machine.state.attempt, code: 4401 });
    expect(machine.state.phase).toBe("waiting");
  });

  test("a frame that cannot be read is not guessed at: the connection starts again", () => {
    const machine = new Machine().live();
    machine.hear(null);
    expect(machine.state.phase).toBe("waiting");
  });

  test("a message of a kind not known yet is passed over", () => {
    const machine = new Machine().live();
    expect(machine.hear({ type: "other" })).toEqual([]);
    expect(machine.state.phase).toBe("live");
  });
});

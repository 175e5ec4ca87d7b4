import { describe, expect, test } from "vitest";
import { pagesOf, wantedAgain, type Page } from "../src/api/loading.ts";
import { Edition, type Shown } from "../src/live/edition.ts";
import { hear, letBack, nothingHeld } from "../src/live/held.ts";

const MINUTE = 60_000;

/** A board with a row for each letter, that is loaded anew whenever it is told to be. */
function board(first = "abc") {
  const rowsOf = (letters: string): Shown => ({ rows: [...letters], upTo: null });
  const world = { stands: first, shown: rowsOf(first) as Shown | null, visible: true, now: 0, asked: [] as (string | null)[], loads: 0, answers: true };
  const answering = { before: (): void => undefined };
  const edition: Edition = new Edition({
    clocks: () => ({ wall: world.now, steady: world.now }),
    inSight: () => world.visible,
    shown: () => world.shown,
    ask: (upTo) => {
      world.asked.push(upTo);
      const stands = [...world.stands];
      answering.before();
      return world.answers ? Promise.resolve(stands) : Promise.reject(new Error("nobody"));
    },
    changed: () => {
      world.loads += 1;
      world.shown = rowsOf(world.stands);
    },
    left: (standing) => (world.shown = rowsOf((world.shown?.rows ?? []).filter((row) => standing.has(row)).join(""))),
  });
  const tick = async (passed: number, connection: "live" | "reconnecting" = "live"): Promise<void> => {
    world.now += passed;
    edition.tick(connection);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return { world, answering, tick, rowsOf, onScreen: () => world.shown?.rows.join("") };
}

describe("who stands on an open board", () => {
  test("is asked once a minute, and loaded again only when somebody came or is shown otherwise", async () => {
    const { world, tick, onScreen } = board();
    await tick(1000);
    for (let minute = 0; minute < 3; minute += 1) await tick(MINUTE);
    expect([world.asked.length, world.loads]).toEqual([4, 0]); // as soon as it is live, and three minutes
    await tick(MINUTE - 1);
    expect(world.asked).toHaveLength(4);
    world.stands = "abcd";
    await tick(1);
    expect([world.loads, onScreen()]).toEqual([1, "abcd"]);
    await tick(MINUTE);
    expect(world.loads).toBe(1);
    world.stands = "aBcd";
    await tick(MINUTE);
    expect([world.loads, onScreen()]).toEqual([2, "aBcd"]);
  });

  test("who has left is taken off, and nobody is looked at for that", async () => {
    const { world, tick, onScreen } = board();
    world.stands = "ac";
    await tick(0);
    expect([world.loads, onScreen()]).toEqual([0, "ac"]);
    world.stands = "";
    await tick(MINUTE);
    expect(world.loads).toBe(1); // there may be others behind those that were loaded
  });

  test("is asked at once when the connection comes back, and when what came back is seen", async () => {
    const { world, tick } = board();
    await tick(0);
    await tick(1000, "reconnecting");
    world.stands = "abcd";
    await tick(1000);
    expect(world.loads).toBe(1);
    world.visible = false;
    await tick(1000, "reconnecting");
    world.stands = "abcde";
    await tick(1000);
    expect(world.loads).toBe(1);
    world.visible = true;
    await tick(1000);
    expect(world.loads).toBe(2);
  });

  test("is not asked while nothing is live: a question would keep the session alive", async () => {
    const { world, tick } = board();
    for (let minute = 0; minute < 5; minute += 1) await tick(MINUTE, "reconnecting");
    expect(world.asked).toEqual([]);
  });

  test("is asked as soon as it is loaded, and not before: the board waits for no question", async () => {
    const { world, tick, rowsOf } = board();
    world.shown = null;
    await tick(0);
    expect(world.asked).toEqual([]);
    world.shown = { ...rowsOf("abc"), upTo: "c" };
    world.stands = "abcd"; // came while it was loading
    await tick(1000);
    expect([world.asked, world.loads]).toEqual([["c"], 1]);
  });

  test("who leaves and comes back is on the board again", async () => {
    const { world, tick, rowsOf, onScreen } = board();
    await tick(0);
    world.shown = rowsOf("ac"); // the feed said so; and since then they were put on it again
    await tick(MINUTE);
    expect([world.loads, onScreen()]).toEqual([1, "abc"]);
  });

  test("an answer about a board that is shown no more counts for nothing, and it is asked again at once", async () => {
    const { world, answering, tick, rowsOf, onScreen } = board();
    answering.before = () => (world.shown = rowsOf("abcd"));
    await tick(0);
    expect([world.loads, onScreen()]).toEqual([0, "abcd"]);
    answering.before = () => undefined;
    world.stands = "abcd";
    await tick(1000);
    expect([world.asked.length, world.loads]).toEqual([2, 0]);
  });

  test("a question that nobody answers changes nothing, and the next answer loads nothing that is shown already", async () => {
    const { world, tick } = board();
    world.answers = false;
    await tick(0);
    world.answers = true;
    await tick(MINUTE);
    expect([world.asked.length, world.loads]).toEqual([2, 0]);
    world.stands = "abcd";
    await tick(MINUTE);
    expect(world.loads).toBe(1);
  });
});

test("a list is asked for again as far as it was loaded", async () => {
  const load = (cursor: string | null): Promise<Page<number>> => {
    const from = Number(cursor ?? 0);
    return Promise.resolve({ items: [from, from + 1], next_cursor: from < 6 ? String(from + 2) : null });
  };
  expect(await pagesOf(load, null, 0)).toEqual({ items: [0, 1], next_cursor: "2" });
  expect(await pagesOf(load, null, 3)).toEqual({ items: [0, 1, 2, 3], next_cursor: "4" });
  expect((await pagesOf(load, null, 100)).items).toHaveLength(8);
});

test("of a list that was loaded to its end, what was added there is asked for too; of another no more than is shown", async () => {
  const added = (cursor: string | null): Promise<Page<number>> =>
    Promise.resolve(cursor === null ? { items: [0, 1], next_cursor: "2" } : { items: [2], next_cursor: null });
  const again = (cursor: string | null): Promise<Page<number>> => pagesOf(added, null, wantedAgain({ items: [0, 1], cursor }, 500));
  expect((await again(null)).items).toEqual([0, 1, 2]);
  expect((await again("2")).items).toEqual([0, 1]);
});

test("who had gone and is listed again is gone no more", () => {
  const held = nothingHeld();
  for (const patient_id of ["doris", "arthur"]) hear(held, { type: "unwatched", patient_id, reason: "access" });
  letBack(held, ["doris"]);
  expect([...held.gone]).toEqual(["arthur"]);
});

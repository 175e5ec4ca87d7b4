import { describe, expect, test } from "vitest";
import { pagesOf, type Page } from "../src/api/loading.ts";
import { Edition } from "../src/live/edition.ts";
import { hear, letBack, nothingHeld } from "../src/live/held.ts";

const MINUTE = 60_000;

/** A board that is loaded anew whenever it is told to be another. */
async function board(first = "one") {
  const world = { stands: first, visible: true, now: 0, asked: 0, changes: 0, answers: true };
  const edition: Edition = new Edition({
    clocks: () => ({ wall: world.now, steady: world.now }),
    inSight: () => world.visible,
    ask: () => {
      world.asked += 1;
      return world.answers ? Promise.resolve(world.stands) : Promise.reject(new Error("nobody"));
    },
    changed: () => {
      world.changes += 1;
      void edition.loading(() => Promise.resolve());
    },
  });
  await edition.loading(() => Promise.resolve());
  const tick = async (passed: number, connection: "live" | "reconnecting" = "live"): Promise<void> => {
    world.now += passed;
    edition.tick(connection);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return { world, edition, tick };
}

describe("who stands on an open board", () => {
  test("is asked once a minute, and loaded again only when it is another", async () => {
    const { world, tick } = await board();
    await tick(1000);
    for (let minute = 0; minute < 3; minute += 1) await tick(MINUTE);
    expect([world.asked, world.changes]).toEqual([5, 0]); // with the load, as soon as it is live, and three minutes
    await tick(MINUTE - 1);
    expect(world.asked).toBe(5);
    world.stands = "two";
    await tick(1);
    expect(world.changes).toBe(1);
    await tick(MINUTE);
    expect(world.changes).toBe(1);
  });

  test("is asked at once when the connection comes back, and when what came back is seen", async () => {
    const { world, tick } = await board();
    await tick(0);
    await tick(1000, "reconnecting");
    world.stands = "two";
    await tick(1000);
    expect(world.changes).toBe(1);
    world.visible = false;
    await tick(1000, "reconnecting");
    world.stands = "three";
    await tick(1000);
    expect(world.changes).toBe(1);
    world.visible = true;
    await tick(1000);
    expect(world.changes).toBe(2);
  });

  test("is not asked while nothing is live: a question would keep the session alive", async () => {
    const { world, tick } = await board();
    for (let minute = 0; minute < 5; minute += 1) await tick(MINUTE, "reconnecting");
    expect(world.asked).toBe(1);
  });

  test("who came while the board was loading is found", async () => {
    const { world, edition, tick } = await board();
    await edition.loading(() => Promise.resolve((world.stands = "two")));
    await tick(0);
    expect(world.changes).toBe(1);
  });

  test("who leaves and comes back makes no new edition, and is found all the same", async () => {
    const { world, edition, tick } = await board();
    await tick(0);
    edition.left();
    await tick(MINUTE);
    expect(world.changes).toBe(1);
    await tick(MINUTE);
    expect(world.changes).toBe(1);
  });

  test("a question that nobody answers changes nothing, and the board is shown without one", async () => {
    const { world, edition, tick } = await board();
    world.answers = false;
    expect(await edition.loading(() => Promise.resolve("board"))).toBe("board");
    await tick(0);
    expect(world.changes).toBe(0);
    world.answers = true;
    await tick(MINUTE);
    expect(world.changes).toBe(1);
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

test("who had gone and is listed again is gone no more", () => {
  const held = nothingHeld();
  for (const patient_id of ["doris", "arthur"]) hear(held, { type: "unwatched", patient_id, reason: "access" });
  letBack(held, ["doris"]);
  expect([...held.gone]).toEqual(["arthur"]);
});

/** Whatever the order of arrival, the screen ends with the truth, and on the way never shows what was told to be withdrawn. */
import { describe, expect, test } from "vitest";
import { answer, askedNow, fold, NO_BOOK, seeded, type Book } from "../src/live/latest.ts";
import type { LiveEvent, Snapshot } from "../src/live/messages.ts";
import { isLater } from "../src/live/cell.ts";
import { DORIS } from "./live_world.ts";
import { chanceOf, RecordWorld } from "./record_world.ts";

const WORLDS = 400;
const HAPPENINGS = 14;

type Ids = Record<string, string | null>;

function shownIds(book: Book): Ids {
  return Object.fromEntries([...(book.table.get(DORIS) ?? [])].map(([sign, { observation }]) => [sign, observation?.id ?? null]));
}

function trueIds(world: RecordWorld, after: number): Ids {
  return Object.fromEntries(world.latest(after).map(({ sign, observation }) => [sign, observation.id]));
}

/** Ask until everything is known, as use_live.ts does; more than twice would be asking without end. */
function settled(book: Book, world: RecordWorld): Book {
  let next = book;
  for (let times = 0; next.unsettled.has(DORIS); times += 1) {
    if (times === 2) throw new Error("an answer that is not old does not settle it");
    next = answer(next, DORIS, world.latest(world.last), askedNow(next));
  }
  return next;
}

function shuffled<T>(items: readonly T[], chance: () => number): T[] {
  return items.map((item) => ({ item, at: chance() })).sort((a, b) => a.at - b.at).map(({ item }) => item);
}

function between(low: number, high: number, chance: () => number): number {
  return low + Math.floor(chance() * (high - low + 1));
}

describe("the same messages in any order", () => {
  test("end in the same table", () => {
    for (let seed = 0; seed < WORLDS; seed += 1) {
      const chance = chanceOf(seed);
      const world = new RecordWorld(chance, HAPPENINGS);
      const messages: (LiveEvent | Snapshot)[] = [];
      for (let number = 1; number <= world.last; number += 1) messages.push(world.told(number, between(number, world.last, chance)));
      for (let more = 0; more < 3; more += 1) {
        const number = between(0, world.last, chance);
        messages.push(world.snapshot(number, between(number, world.last, chance)));
      }
      for (let order = 0; order < 5; order += 1) {
        const book = shuffled(messages, chance).reduce(fold, NO_BOOK);
        expect(shownIds(settled(book, world)), `world ${seed}, order ${order}`).toEqual(trueIds(world, world.last));
      }
    }
  });
});

describe("a feed in its order, with answers and snapshots that lag behind", () => {
  test("shows nothing that was told to be withdrawn and nothing older than was told, and ends with the truth", () => {
    for (let seed = 0; seed < WORLDS; seed += 1) {
      const play = new Play(seed);
      while (play.goesOn()) {
        play.step();
        expect(play.untrue(), `world ${seed} after ${play.told} of ${play.happened}`).toEqual([]);
      }
      expect(shownIds(settled(play.book, play.world)), `world ${seed}`).toEqual(trueIds(play.world, play.world.last));
    }
  });
});

/** One telling of one world: it happens, it is told in order, questions are asked, and read, and answered later. */
class Play {
  readonly #chance: () => number;
  readonly world: RecordWorld;
  book: Book = NO_BOOK;
  happened = 0;
  told = 0;
  #question: { asked: ReturnType<typeof askedNow>; read: number | null } | null = null;

  constructor(seed: number) {
    this.#chance = chanceOf(seed);
    this.world = new RecordWorld(this.#chance, HAPPENINGS);
    this.happened = between(0, 4, this.#chance);
    this.book = seeded(NO_BOOK, new Map([[DORIS, this.world.latest(between(0, this.happened, this.#chance))]]));
    this.told = this.happened;
    this.book = fold(this.book, this.world.snapshot(this.told, this.happened));
  }

  goesOn(): boolean {
    return this.told < this.world.last;
  }

  step(): void {
    const chance = this.#chance;
    const what = chance();
    if (what < 0.35 && this.happened < this.world.last) this.happened += 1;
    else if (what < 0.7 && this.told < this.happened) this.#tell();
    else if (what < 0.8) this.book = fold(this.book, this.world.snapshot(between(Math.max(0, this.told - 3), this.told, chance), this.happened));
    else if (this.#question === null) this.#question = { asked: askedNow(this.book), read: null };
    else if (this.#question.read === null) this.#question.read = this.happened;
    else this.#answer(this.#question.asked, this.#question.read);
  }

  #tell(): void {
    this.told += 1;
    this.book = fold(this.book, this.world.told(this.told, between(this.told, this.happened, this.#chance)));
  }

  #answer(asked: ReturnType<typeof askedNow>, read: number): void {
    this.book = answer(this.book, DORIS, this.world.latest(read), asked);
    this.#question = null;
  }

  /** Signs that are shown with a reading told to be withdrawn, or with one before the latest of those told that still stand. */
  untrue(): string[] {
    const told = new Map(this.world.latest(this.happened, this.told).map(({ sign, observation }) => [String(sign), observation]));
    return [...(this.book.table.get(DORIS) ?? [])].flatMap(([sign, { observation }]) => {
      if (observation === null) return [];
      const standing = told.get(sign);
      if (this.world.isWithdrawn(observation.id, this.told)) return [`${sign} shows ${observation.id}, which was withdrawn`];
      return standing !== undefined && isLater(standing, observation) ? [`${sign} shows ${observation.id}, not ${standing.id}`] : [];
    });
  }
}

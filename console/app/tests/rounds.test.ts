import { describe, expect, test } from "vitest";
import type { Unsent } from "../src/store/things.ts";
import { afterPage, afterRefusal, afterVerdicts, judged, MOST_SENT, NEW_ROUND, nextStep } from "../src/sync/rounds.ts";
import { chanceOf, page, reading, verdict } from "./told.ts";

describe("a round", () => {
  test("sends before it asks, and rests when all is told", () => {
    const one = reading("a");
    expect(nextStep([one], NEW_ROUND)).toEqual({ do: "send", items: [one] });
    const sent = afterVerdicts(NEW_ROUND, [one]);
    expect(nextStep([], sent)).toEqual({ do: "ask" });
    expect(nextStep([], afterPage(sent, page({ more: true })))).toEqual({ do: "ask" });
    expect(nextStep([], afterPage(sent, page({})))).toEqual({ do: "rest" });
  });

  test("sends what is put off once, and what its owner must decide not at all", () => {
    const queue = [reading("a", 0, "later"), reading("b", 1, "conflict"), reading("c", 2, "refused"), reading("d", 3, "sending")];
    const step = nextStep(queue, NEW_ROUND);
    expect(step.do === "send" && step.items.map(({ item }) => item)).toEqual(["a", "d"]);
    expect(nextStep(queue, afterVerdicts(NEW_ROUND, [queue[0] as Unsent, queue[3] as Unsent]))).toEqual({ do: "ask" });
  });

  test("what was kept after all was told is sent, and asked about again", () => {
    const told = afterPage(NEW_ROUND, page({}));
    expect(nextStep([reading("new")], told).do).toBe("send");
    expect(nextStep([], afterVerdicts(told, [reading("new")])).do).toBe("ask");
  });

  test("rests when the copy is begun anew again and again: servers that do not agree would have it asked for without end", () => {
    let round = NEW_ROUND;
    for (let times = 1; nextStep([], round).do === "ask"; times += 1) {
      expect(times).toBeLessThan(5);
      round = afterPage(afterPage(round, page({ reset: true, more: true })), page({ more: true }));
    }
    expect(round.begun).toBeGreaterThan(1);
  });

  test("never sends more than the API takes at once", () => {
    const many = Array.from({ length: 450 }, (_, place) => reading(`i${place}`, place));
    const step = nextStep(many, NEW_ROUND);
    expect(step.do === "send" && step.items.length).toBe(MOST_SENT);
  });
});

describe("verdicts", () => {
  test("settle what is kept, and are noted on the rest; no verdict changes nothing", () => {
    const batch = ["a", "b", "c", "d", "e"].map((item) => reading(item));
    const said = [verdict(0, "a", "kept"), verdict(1, "b", "conflict"), verdict(2, "c", "refused", { confirm: true }), verdict(3, "d", "later")];
    const { changed, settled } = judged(batch, said);
    expect(settled).toEqual(["a"]);
    expect(changed.map(({ item, state }) => [item, state])).toEqual([["b", "conflict"], ["c", "refused"], ["d", "later"]]);
    expect(changed[1]?.verdict?.confirm).toBe(true);
  });

  test("of another thing than was sent in that place are not believed", () => {
    expect(judged([reading("a")], [verdict(0, "b", "kept")])).toEqual({ changed: [], settled: [], safety: [] });
  });

  test("whom to call is handed on, of what is kept too", () => {
    const safety = { title: "Call", text: "now", watched_now: false, watched: "no", contacts: [] };
    expect(judged([reading("a")], [verdict(0, "a", "kept", { safety })]).safety).toEqual([safety]);
  });
});

test("a batch that is refused as a whole is halved until the thing that does it stands alone", () => {
  let round = NEW_ROUND;
  const batch = Array.from({ length: 5 }, (_, place) => reading(`i${place}`));
  const sizes: number[] = [];
  for (let next = afterRefusal(round, batch); next !== null; next = afterRefusal(round, batch.slice(0, round.most))) {
    round = next;
    sizes.push(round.most);
  }
  expect(sizes).toEqual([3, 2, 1]);
});

test("whatever is answered, lost or put off, a round ends, in order, and nothing is kept twice or lost", () => {
  for (let seed = 0; seed < 300; seed += 1) {
    const chance = chanceOf(seed);
    const kept: string[] = [];
    let queue: readonly Unsent[] = Array.from({ length: Math.floor(chance() * 500) }, (_, place) => reading(`i${place}`, place));
    const all = queue.map(({ item }) => item);
    for (let rounds = 0; rounds < 40 && queue.length > 0; rounds += 1) {
      let round = NEW_ROUND;
      for (let steps = 0; ; steps += 1) {
        expect(steps).toBeLessThan(20);
        const step = nextStep(queue, round);
        if (step.do === "rest") break;
        if (step.do === "ask") {
          if (chance() < 0.1) break;
          round = afterPage(round, page({ more: chance() < 0.3 }));
          continue;
        }
        // The API's: under one name once, whatever becomes of its answer.
        const verdicts = step.items.map(({ item }, index) => {
          const isKept = kept.includes(item) || chance() < 0.8;
          if (isKept && !kept.includes(item)) kept.push(item);
          return verdict(index, item, isKept ? "kept" : "later");
        });
        if (chance() < 0.2) break;
        const { changed, settled } = judged(step.items, verdicts);
        queue = queue.filter(({ item }) => !settled.includes(item)).map((one) => changed.find(({ item }) => item === one.item) ?? one);
        round = afterVerdicts(round, step.items);
      }
    }
    expect(new Set(kept).size).toBe(kept.length);
    expect([...kept, ...queue.map(({ item }) => item)].filter((item) => !all.includes(item))).toEqual([]);
    expect(new Set([...kept, ...queue.map(({ item }) => item)]).size).toBe(all.length);
  }
});

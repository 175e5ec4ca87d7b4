import { describe, expect, test } from "vitest";
import { columns, extent, foldValue, gaps, isEveryReading, joinedWithin, since, type Point } from "../src/charts/points.ts";
import { axisFor, openingRange, RANGES, signToOpenBy } from "../src/charts/ranges.ts";
import { lengthInWords } from "../src/format/times.ts";

const MINUTE = 60_000;
const point = (at: number, value: number): Point => ({ at, n: 1, min: value, max: value, mean: value });

describe("folding a live reading into a series", () => {
  test("a reading within the last bucket widens it and moves its mean", () => {
    const [only] = foldValue([{ at: 0, n: 3, min: 70, max: 74, mean: 72 }], 30_000, 80, MINUTE);
    expect(only).toEqual({ at: 0, n: 4, min: 70, max: 80, mean: 74 });
  });

  test("a reading after the last bucket begins a new one, in step with those before", () => {
    const points = foldValue([point(5_000, 72)], 5_000 + 2.5 * MINUTE, 75, MINUTE);
    expect(points.map(({ at }) => at)).toEqual([5_000, 5_000 + 2 * MINUTE]);
  });

  test("a late reading goes to its own bucket, not to the end", () => {
    const before = [point(0, 70), point(MINUTE, 71), point(3 * MINUTE, 73)];
    expect(foldValue(before, 2 * MINUTE + 1, 99, MINUTE).map(({ mean }) => mean)).toEqual([70, 71, 99, 73]);
  });

  test("a reading before all buckets stands first", () => {
    expect(foldValue([point(10 * MINUTE, 70)], 8.5 * MINUTE, 60, MINUTE).map(({ at }) => at)).toEqual([8 * MINUTE, 10 * MINUTE]);
  });

  test("the first reading of an empty series is a point of its own", () => {
    expect(foldValue([], 1234, 70, MINUTE)).toEqual([point(1234, 70)]);
  });

  test("the series before is left as it was", () => {
    const before = [point(0, 70)];
    foldValue(before, 1, 80, MINUTE);
    expect(before).toEqual([point(0, 70)]);
  });
});

describe("how far apart points may be and still be joined", () => {
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  const line = (...times: number[]) => [{ name: "a", points: times.map((at) => point(at, 72)) }];
  const brokenIn = (times: number[], bucketMs: number, spanMs: number) => gaps(times, joinedWithin(line(...times), bucketMs, spanMs));
  const every = (ms: number, from: number, until: number): number[] =>
    Array.from({ length: Math.floor((until - from) / ms) + 1 }, (_, index) => from + index * ms);

  test("an outage of half an hour breaks the line of a monitor, in a day as in an hour", () => {
    const inADay = [...every(5 * MINUTE, 0, 10 * HOUR), ...every(5 * MINUTE, 10.5 * HOUR, DAY)];
    expect(brokenIn(inADay, 5 * MINUTE, DAY)).toEqual([{ from: 10 * HOUR, until: 10.5 * HOUR }]);
    const inAnHour = [...every(MINUTE / 4, 0, 10 * MINUTE), ...every(MINUTE / 4, 40 * MINUTE, HOUR)];
    expect(brokenIn(inAnHour, MINUTE / 4, HOUR)).toEqual([{ from: 10 * MINUTE, until: 40 * MINUTE }]);
  });

  test("what is measured once a day is a line, and a week without it breaks it", () => {
    expect(brokenIn(every(DAY, 0, 6 * DAY), DAY / 48, 7 * DAY)).toEqual([]);
    const away = [...every(DAY, 0, 10 * DAY), ...every(DAY, 17 * DAY, 30 * DAY)];
    expect(brokenIn(away, 2 * HOUR, 30 * DAY)).toEqual([{ from: 10 * DAY, until: 17 * DAY }]);
  });

  test("up to five times the usual spacing is joined, and one empty bucket is no outage", () => {
    expect(brokenIn([0, 1, 2, 7].map((at) => at * DAY), HOUR, 30 * DAY)).toEqual([]);
    expect(brokenIn([0, 1, 2, 7.1].map((at) => at * DAY), HOUR, 30 * DAY)).toHaveLength(1);
    expect(brokenIn([0, 1_000, 2_000, 3_000, 10_000], 5_000, 15 * MINUTE)).toEqual([]);
  });

  test("of two points nothing usual is known: they are joined within a twelfth of the span", () => {
    expect(brokenIn([0, 2 * HOUR], MINUTE, DAY)).toEqual([]);
    expect(brokenIn([0, 3 * HOUR], MINUTE, DAY)).toHaveLength(1);
    expect(brokenIn([], MINUTE, DAY)).toEqual([]);
  });
});

describe("what a chart draws", () => {
  test("a line breaks where readings are too far apart, and only there", () => {
    const [times, means] = columns([{ name: "a", points: [point(0, 1), point(MINUTE, 2), point(10 * MINUTE, 3)] }], 5 * MINUTE);
    expect(times).toEqual([0, 60, 330, 600]);
    expect(means).toEqual([1, 2, null, 3]);
  });

  test("two lines share one time axis, with nothing where one has no point", () => {
    const lines = [
      { name: "systolic", points: [point(0, 140), point(MINUTE, 141)] },
      { name: "diastolic", points: [point(0, 80)] },
    ];
    expect(columns(lines, 5 * MINUTE)).toEqual([[0, 60], [140, 141], [140, 141], [140, 141], [80, null], [80, null], [80, null]]);
  });

  test("points that left the window are not drawn", () => {
    const points = [point(0, 1), point(10, 2), point(20, 3)];
    expect(since(points, 10)).toEqual([point(10, 2), point(20, 3)]);
    expect(since(points, 21)).toEqual([]);
    expect(since(points, 0)).toBe(points);
  });

  test("the summary counts readings, not buckets", () => {
    expect(extent([{ at: 0, n: 5, min: 60, max: 80, mean: 70 }, point(1, 55)])).toEqual({ n: 6, min: 55, max: 80, mean: 67.5 });
    expect(extent([])).toBeNull();
  });

  test("a chart says that it averages as soon as one bucket holds more than one reading", () => {
    const one = { name: "a", points: [point(0, 1), point(MINUTE, 2)] };
    expect(isEveryReading([one])).toBe(true);
    expect(isEveryReading([one, { name: "b", points: [{ at: 0, n: 2, min: 1, max: 3, mean: 2 }] }])).toBe(false);
  });

  test.each([
    ["15m", "5 seconds"],
    ["1h", "15 seconds"],
    ["24h", "5 minutes"],
    ["7d", "30 minutes"],
    ["30d", "2 hours"],
  ])("%s is cut into lengths that one can name: %s", (key, words) => {
    const range = RANGES.find((one) => one.key === key);
    expect(lengthInWords((range?.ms ?? 0) / (range?.buckets ?? 1))).toBe(words);
  });

  test("an axis keeps its usual span and grows for a reading outside it", () => {
    expect(axisFor("oxygen_saturation", 95, 97)).toEqual([85, 100]);
    expect(axisFor("oxygen_saturation", 72, 97)).toEqual([72, 100]);
  });
});

describe("the span that charts open with", () => {
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  const NOW = 100 * DAY;
  const each = (ms: number, count: number): number[] => Array.from({ length: count }, (_, index) => NOW - 1_000 - index * ms);

  test.each([
    ["a monitor's second by second", 1_000, "15m"],
    ["a monitor's minute by minute", MINUTE, "15m"],
    ["every five minutes", 5 * MINUTE, "1h"],
    ["every two hours", 2 * HOUR, "24h"],
    ["twice a day", DAY / 2, "7d"],
    ["once a day", DAY, "30d"],
  ])("is the shortest that holds ten readings: %s", (_, ms, key) => {
    expect(openingRange(each(ms, 10), NOW).key).toBe(key);
  });

  test("is seven days when ten are in none of them, or there are not ten", () => {
    expect(openingRange(each(4 * DAY, 10), NOW).key).toBe("7d");
    expect(openingRange(each(DAY, 3), NOW).key).toBe("7d");
    expect(openingRange([], NOW).key).toBe("7d");
  });

  test("is fifteen minutes for a monitor that has only just begun", () => {
    expect(openingRange(each(1_000, 3), NOW).key).toBe("15m");
    expect(openingRange(each(1_000, 3).map((at) => at - DAY), NOW).key).toBe("7d");
  });

  test("is chosen by the newest of the signs that are measured daily", () => {
    const staleAfter = (sign: string): number | null => (sign === "hba1c" ? 183 * 86_400 : 86_400);
    const latest = [
      { sign: "blood_pressure", at: 5 },
      { sign: "body_temperature", at: 3 },
      { sign: "hba1c", at: 9 },
    ];
    expect(signToOpenBy(latest, staleAfter)).toBe("blood_pressure");
    expect(signToOpenBy([{ sign: "hba1c", at: 9 }], staleAfter)).toBeNull();
  });
});

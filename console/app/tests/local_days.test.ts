import { describe, expect, test } from "vitest";
import { todayOf } from "../src/days/due.ts";
import { dayIn, instantOn, zoneOf, type Zones } from "../src/days/instants.ts";
import type { ActionPlan, Completion } from "../src/store/things.ts";
import vectors from "./vectors/local_days.json";

interface Journey {
  readonly time_zones: readonly { readonly time_zone: string; readonly from_on: string }[];
  readonly days: readonly (readonly [number, string])[];
  readonly instants: readonly (readonly [string, string, number])[];
}
const journeys = (vectors as unknown as readonly Journey[]).map((one) => [one.time_zones.map(({ time_zone }) => time_zone).join(", ") || "nowhere", one] as const);
const zones = ({ time_zones }: Journey): Zones => ({ timeZone: "Asia/Pyongyang", timeZones: time_zones });

describe("the days of who travelled to", () => {
  test.each(journeys)("%s are the API's own", (_, journey) => {
    expect(journey.days.map(([at]) => [at, dayIn(zones(journey), at)])).toEqual(journey.days);
    expect(journey.instants.map(([day, time]) => [day, time, instantOn(zones(journey), day, time)])).toEqual(journey.instants);
  });

  test("nowhere, in a copy of before the choices were told, are those of the one zone that it has", () => {
    const before: Zones = { timeZone: "America/New_York" };
    expect(zoneOf(before, "2020-01-01")).toBe("America/New_York");
    expect(dayIn(before, Date.parse("2026-11-25T03:00:00Z"))).toBe("2026-11-24");
    expect(dayIn(before, Date.parse("2026-11-25T05:00:00Z"))).toBe("2026-11-25");
  });
});

describe("what was done without a time of day, around a change of zone", () => {
  const schedule = { rrule: "FREQ=DAILY", starts_on: "2026-01-01", times: [], except_on: [] };
  const plan = { id: "p1", title: "Plan", status: "active", superseded_by_id: null, supersedes_id: null, published_at: "2026-01-01T09:00:00Z", actions: [{ id: "a1", title: "Tablet", goal_ids: [], asks_for: null, schedule }] } as unknown as ActionPlan;
  const did = { id: "c1", action_id: "a1", status: "recorded", skipped: null, done_at: "2026-11-24T08:00:00Z" } as Completion;
  // Chosen on the 24th at 12:00 in London: the 25th is New York's first day, and begins at 05:00 in London.
  const moved = { timeZone: "Europe/London", timeZones: [{ time_zone: "America/New_York", from_on: "2026-11-25" }] };
  const record = { actionPlans: new Map([["p1", plan]]), pauses: new Map(), completions: new Map([["c1", did]]), ...moved };
  const toDo = (at: string): number => todayOf(record, { did: [], recorded: [] }, Date.parse(at)).toDo.length;

  test("is not asked for again before the next day begins, and then once", () => {
    expect(["2026-11-24T12:00:00Z", "2026-11-25T00:30:00Z", "2026-11-25T03:00:00Z", "2026-11-25T04:59:00Z"].map(toDo)).toEqual([0, 0, 0, 0]);
    expect(["2026-11-25T05:00:00Z", "2026-11-25T23:00:00Z"].map(toDo)).toEqual([1, 1]);
    const again = { ...did, id: "c2", done_at: "2026-11-25T06:00:00Z" };
    const both = { ...record, completions: new Map([...record.completions, ["c2", again]]) };
    const later = ["2026-11-25T23:00:00Z", "2026-11-26T04:59:00Z", "2026-11-26T05:00:00Z"];
    expect(later.map((at) => todayOf(both, { did: [], recorded: [] }, Date.parse(at)).toDo.length)).toEqual([0, 0, 1]);
  });
});

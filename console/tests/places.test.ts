import { describe, expect, test } from "vitest";
import type { BoardPatient } from "../src/api/types.ts";
import { byPlace } from "../src/format/places.ts";
import { chanceOf } from "./record_world.ts";

const row = (family_name: string, room: string | null, home: string | null): { patient: BoardPatient } => ({
  patient: {
    id: `${home} ${room} ${family_name}`,
    family_name,
    given_name: "A",
    room,
    care_home: home === null ? null : { id: `id of ${home}`, name: home },
  } as BoardPatient,
});

const ROWS = [
  row("Adeyemi", "2", "Beech House"),
  row("Wroe", "9", "Beech House"),
  row("Lomas", "10", "Beech House"),
  row("Tasker", "10", "Beech House"),
  row("Bielski", "Garden room", "Beech House"),
  row("Okoro", null, "Beech House"),
  row("Mistry", "1", "Rowan Lodge"),
  row("Achterberg", null, null),
  row("hesketh", null, null),
];

const names = (places: ReturnType<typeof byPlace>): (string | string[])[] =>
  places.flatMap(({ name, rows }) => [name, rows.map(({ patient }) => patient.family_name)]);

describe("the board's order", () => {
  test("is by care home, room as one counts rooms, and family name; people at home come last", () => {
    expect(names(byPlace(ROWS))).toEqual([
      "Beech House",
      ["Adeyemi", "Wroe", "Lomas", "Tasker", "Bielski", "Okoro"],
      "Rowan Lodge",
      ["Mistry"],
      "At home",
      ["Achterberg", "hesketh"],
    ]);
  });

  test("does not depend on the order in which people were loaded", () => {
    const chance = chanceOf(7);
    for (let times = 0; times < 50; times += 1) {
      const mixed = ROWS.map((one) => ({ one, at: chance() })).sort((a, b) => a.at - b.at).map(({ one }) => one);
      expect(byPlace(mixed)).toEqual(byPlace(ROWS));
    }
  });
});

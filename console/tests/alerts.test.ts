import { expect, test } from "vitest";
import { announced, isAlertOutcome } from "../src/format/alerts.ts";

test("only what nobody has is read out", () => {
  expect(announced([])).toBe("");
  expect(announced([{ status: "acknowledged" }])).toBe("");
  expect(announced([{ status: "raised" }, { status: "acknowledged" }])).toBe("1 alert that nobody has acknowledged.");
  expect(announced([{ status: "raised" }, { status: "raised" }])).toBe("2 alerts that nobody has acknowledged.");
});

test("an outcome is one that the API knows", () => {
  expect(isAlertOutcome("referred")).toBe(true);
  expect(isAlertOutcome("")).toBe(false);
});

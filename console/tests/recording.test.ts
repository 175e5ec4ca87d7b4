import { describe, expect, test } from "vitest";
import type { Verdict, VitalSign } from "../src/api/types.ts";
import { newClientId } from "../src/api/client_id.ts";
import { EMPTY, errorOfVerdict, faultsOf, toSend, typedNumber, type Draft } from "../src/recording/draft.ts";
import { attemptFor } from "../src/recording/sending.ts";

const sign = (given: Partial<VitalSign>): VitalSign =>
  ({ key: "heart_rate", shape: "quantity", units: [{ ucum: "/min", display: "beats/min", kept_as: "/min" }], canonical_unit: "/min", answers: [], parts: [], ...given }) as VitalSign;

const HEART = sign({});
const PRESSURE = sign({ key: "blood_pressure", shape: "pair", units: [{ ucum: "mm[Hg]", display: "mmHg", kept_as: "mm[Hg]" }], canonical_unit: "mm[Hg]" });
const TEMPERATURE = sign({
  key: "body_temperature",
  canonical_unit: "Cel",
  units: [
    { ucum: "Cel", display: "°C", kept_as: "Cel" },
    { ucum: "[degF]", display: "°F", kept_as: "Cel" },
  ],
});
const ACVPU = sign({ key: "consciousness_acvpu", shape: "coded", units: [], canonical_unit: null });

const draft = (given: Partial<Draft>): Draft => ({ ...EMPTY, ...given });
const NOW = "2026-03-01T09:00:00+00:00";

describe("what is wrong before anything is sent", () => {
  test("nothing chosen", () => {
    expect(faultsOf(draft({}), undefined)).toEqual([{ field: "sign", message: "Choose what was measured" }]);
  });

  test("both numbers of a blood pressure are asked for, each at its own field", () => {
    expect(faultsOf(draft({}), PRESSURE).map(({ field }) => field)).toEqual(["systolic", "diastolic"]);
  });

  test.each(["seventy", "7O", "1e3", "0x10", "∞", "-", "1,2,3"])("%j is no number", (value) => {
    expect(faultsOf(draft({ value }), HEART)).toEqual([{ field: "value", message: "The reading must be a number, without a comma" }]);
  });

  test.each(["8,500", "36,6"])("%j is refused: it is two numbers, depending on who reads it", (value) => {
    expect(typedNumber(value)).toBeNull();
  });

  test("a recorded zero is a number", () => {
    expect(faultsOf(draft({ value: "0" }), HEART)).toEqual([]);
  });

  test("an earlier time must be given when it was earlier", () => {
    expect(faultsOf(draft({ value: "70", when: "earlier" }), HEART)).toEqual([{ field: "at", message: "Enter when it was measured" }]);
  });
});

describe("what is sent", () => {
  test("a number goes with its unit, the canonical one unless another was chosen", () => {
    expect(toSend(draft({ value: "36.6" }), TEMPERATURE, "c1", NOW, false)).toEqual({
      client_id: "c1",
      sign: "body_temperature",
      effective_at: NOW,
      unit: "Cel",
      value: 36.6,
    });
    expect(toSend(draft({ value: "98", unit: "[degF]" }), TEMPERATURE, "c1", NOW, false).unit).toBe("[degF]");
  });

  test("a unit chosen for another sign is not carried over", () => {
    expect(toSend(draft({ value: "70", unit: "[degF]" }), HEART, "c1", NOW, false).unit).toBe("/min");
  });

  test("a coded sign has no unit and no value", () => {
    expect(toSend(draft({ code: "A" }), ACVPU, "c1", NOW, false)).toEqual({ client_id: "c1", sign: "consciousness_acvpu", effective_at: NOW, code: "A" });
  });

  test("confirming sends the same reading under the same id", () => {
    const before = toSend(draft({ value: "210" }), HEART, "c1", NOW, false);
    expect(toSend(draft({ value: "210" }), HEART, "c1", NOW, true)).toEqual({ ...before, confirmed: true });
  });

  test("the same draft sent again keeps its id; anything changed is a new reading", () => {
    const first = draft({ value: "70" });
    const attempt = attemptFor(first, null);
    expect(attemptFor(first, attempt)).toBe(attempt);
    expect(attemptFor({ ...first }, attempt).clientId).not.toBe(attempt.clientId);
  });

  test("ids are random UUIDs", () => {
    expect(newClientId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(newClientId()).not.toBe(newClientId());
  });
});

describe("what a refusal is said at", () => {
  const verdict = (given: Partial<Verdict>): Verdict =>
    ({ index: 0, verdict: "refused", code: "out_of_range", detail: "No.", hint: null, field: null, ...given }) as Verdict;

  test.each([
    ["/readings/0/systolic", PRESSURE, draft({}), "systolic"],
    ["/readings/0/value", HEART, draft({}), "value"],
    ["/readings/0/unit", TEMPERATURE, draft({}), "unit"],
    ["/readings/0/unit", HEART, draft({}), "value"],
    ["/readings/0/effective_at", HEART, draft({ when: "earlier" }), "at"],
    ["/readings/0/effective_at", HEART, draft({ when: "now" }), "when-now"],
    ["/readings/0", HEART, draft({}), null],
    [null, HEART, draft({}), null],
  ] as const)("%s", (field, of, typed, control) => {
    expect(errorOfVerdict(verdict({ field }), typed, of).field).toBe(control);
  });

  test("a hint at the likely unit is shown beside the refusal", () => {
    expect(errorOfVerdict(verdict({ field: "/readings/0/value", hint: "Was it mg/dL?" }), draft({}), HEART).message).toBe("No. Was it mg/dL?");
  });
});

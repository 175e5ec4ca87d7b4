import { describe, expect, test } from "vitest";
import type { Verdict, VitalSign } from "../src/api/types.ts";
import { newClientId } from "../src/api/client_id.ts";
import { EMPTY, errorOfVerdict, faultsOf, toSend, typedNumber, type Draft } from "../src/recording/draft.ts";
import { unitInWords } from "../src/format/signs.ts";
import { attemptFor, resultOfRefusal } from "../src/recording/sending.ts";
import { hintForPeople, unitChoices, unitName } from "../src/recording/units.ts";
import { whyUnusual } from "../src/recording/unusual.ts";
import { sign } from "./vital_signs.ts";

const HEART = sign({});
const PRESSURE = sign({
  key: "blood_pressure",
  shape: "pair",
  units: [{ ucum: "mm[Hg]", display: "mmHg", kept_as: "mm[Hg]" }],
  canonical_unit: "mm[Hg]",
  parts: [
    { key: "systolic", hard: { low: 30, high: 300 }, confirm: { low: 60, high: 250 } },
    { key: "diastolic", hard: { low: 10, high: 200 }, confirm: { low: 30, high: 150 } },
  ] as VitalSign["parts"],
});
const TEMPERATURE = sign({
  key: "body_temperature",
  canonical_unit: "Cel",
  decimals: 1,
  limits: [{ unit: "Cel", hard: { low: 25, high: 45 }, confirm: { low: 34, high: 42 } }],
  units: [
    { ucum: "Cel", display: "°C", kept_as: "Cel" },
    { ucum: "[degF]", display: "°F", kept_as: "Cel" },
  ],
});
const STEPS = sign({
  key: "steps",
  canonical_unit: "{count}",
  units: [
    { ucum: "{steps}", display: "steps", kept_as: "{count}" },
    { ucum: "{count}", display: "steps", kept_as: "{count}" },
  ],
});
const PEAK_FLOW = sign({
  key: "peak_expiratory_flow",
  canonical_unit: "L/min",
  units: [
    { ucum: "L/min", display: "L/min", kept_as: "L/min" },
    { ucum: "L/s", display: "L/s", kept_as: "L/min" },
  ],
});
const WEIGHT = sign({
  key: "body_weight",
  canonical_unit: "kg",
  decimals: 1,
  units: [
    { ucum: "kg", display: "kg", kept_as: "kg" },
    { ucum: "[lb_av]", display: "lb", kept_as: "kg" },
  ],
  limits: [{ unit: "kg", hard: { low: 0.3, high: 500 }, confirm: { low: 30, high: 250 } }],
  change_to_confirm: 0.1,
});
const HBA1C = sign({
  key: "hba1c",
  canonical_unit: "mmol/mol",
  units: [
    { ucum: "mmol/mol", display: "mmol/mol", kept_as: "mmol/mol" },
    { ucum: "%", display: "% (NGSP)", kept_as: "mmol/mol" },
  ],
  limits: [{ unit: "mmol/mol", hard: { low: 9, high: 200 }, confirm: { low: 15, high: 160 } }],
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

  test.each([HEART, STEPS, PEAK_FLOW])("a count has no fraction, and is refused beside its field: %#", (counted) => {
    expect(faultsOf(draft({ value: "72.5" }), counted)).toEqual([
      { field: "value", message: "The reading must be a whole number, without a decimal point" },
    ]);
    expect(faultsOf(draft({ value: "72.0" }), counted)).toEqual([]);
  });

  test("each number of a blood pressure is whole", () => {
    expect(faultsOf(draft({ systolic: "130.5", diastolic: "80" }), PRESSURE).map(({ field }) => field)).toEqual(["systolic"]);
  });

  test("what is measured on a finer scale than it is kept in may have a fraction", () => {
    expect(faultsOf(draft({ value: "7.5", unit: "L/s" }), PEAK_FLOW)).toEqual([]);
    expect(faultsOf(draft({ value: "36.6" }), TEMPERATURE)).toEqual([]);
  });

  test("a fraction that is unusual for this unit is left to the API, which may know the unit it is in", () => {
    expect(faultsOf(draft({ value: "7.2", unit: "mmol/mol" }), HBA1C)).toEqual([]);
    expect(faultsOf(draft({ value: "12.5", unit: "mmol/mol" }), HBA1C)).toEqual([]);
    expect(faultsOf(draft({ value: "48.5", unit: "mmol/mol" }), HBA1C).map(({ field }) => field)).toEqual(["value"]);
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

  test("a hint at the likely unit is shown beside the refusal, in words", () => {
    const refused = verdict({ field: "/readings/0/value", hint: "The number looks like [degF] rather than Cel." });
    expect(errorOfVerdict(refused, draft({}), TEMPERATURE).message).toBe("No. It must lie between 25 and 45 °C. The number looks like °F, not °C.");
  });

  test.each([
    ["what was typed in another unit is told the limits of the one it is kept in", TEMPERATURE, { unit: "[degF]" }, "value", "No. It must lie between 25 and 45 °C."],
    ["each part of a pair has its own", PRESSURE, {}, "diastolic", "No. The diastolic pressure must lie between 10 and 200 mmHg."],
    ["a sign without limits is told none", ACVPU, { code: "P" }, "code", "No."],
  ] as const)("what cannot be is told what can: %s", (_, of, typed, field, words) => {
    expect(errorOfVerdict(verdict({ field: `/readings/0/${field}` }), draft(typed), of).message).toBe(words);
  });

  test("limits are not told of what is refused for another reason", () => {
    expect(errorOfVerdict(verdict({ code: "not_whole", field: "/readings/0/value" }), draft({}), HEART).message).toBe("No.");
  });
});

describe("a count with a fraction", () => {
  const typed = draft({ value: "12.5", unit: "mmol/mol" });
  const unconfirmed = (hint: string | null): Verdict =>
    ({ index: 0, verdict: "refused", code: "needs_confirmation", detail: "Confirm.", field: "/readings/0/value", hint }) as Verdict;

  test("has the likely unit offered instead of being asked to be confirmed", () => {
    const sent = resultOfRefusal(unconfirmed("The number looks like % rather than mmol/mol."), typed, HBA1C);
    expect(sent).toMatchObject({
      result: "refused",
      errors: [{ field: "value", message: "The number looks like % (NGSP), not mmol/mol." }],
      hint: { offer: { ucum: "%", words: "% (NGSP)" } },
    });
  });

  test("is refused for its fraction when no other unit makes it likely", () => {
    const sent = resultOfRefusal(unconfirmed(null), typed, HBA1C);
    expect(sent).toMatchObject({ result: "refused", errors: [{ field: "value", message: "The reading must be a whole number, without a decimal point" }] });
  });

  test("a whole one is asked about as before", () => {
    expect(resultOfRefusal(unconfirmed(null), draft({ value: "12", unit: "mmol/mol" }), HBA1C)).toEqual({ result: "confirm", hint: null });
  });
});

describe("hints for people", () => {
  test("a likely unit is offered by its name", () => {
    expect(hintForPeople("The number looks like [degF] rather than Cel.", TEMPERATURE)).toEqual({
      words: "The number looks like °F, not °C.",
      offer: { ucum: "[degF]", words: "°F" },
    });
  });

  test("a unit that cannot be sent is named, and not offered", () => {
    expect(hintForPeople("The number looks like kPa rather than mm[Hg].", PRESSURE)).toEqual({
      words: "The number looks like kPa, not mmHg. Enter it in mmHg.",
      offer: null,
    });
  });

  test.each([
    ["One of: Cel, [degF].", TEMPERATURE, "Enter it in °C or °F."],
    ["One of: {steps}, {count}.", STEPS, "Enter it in steps."],
    ["Spelt Cel in UCUM.", TEMPERATURE, "Enter it in °C."],
    ["Was that in [degF], or in Cel?", TEMPERATURE, "Was that in °F, or in °C?"],
    ["The two may be the wrong way round.", PRESSURE, "The two may be the wrong way round."],
  ])("%j is said as words", (hint, of, words) => {
    expect(hintForPeople(hint, of)?.words).toBe(words);
  });

  test("no unit of a sign is shown as a code", () => {
    for (const of of [TEMPERATURE, PRESSURE, STEPS, WEIGHT]) {
      for (const { words } of unitChoices(of)) expect(words).not.toMatch(/[[\]{}]|Cel/);
    }
    expect(unitInWords("body_weight", "[oz_av]")).toBe("oz av");
  });

  test("a code that is a word already goes by the catalogue's name, which says more", () => {
    const hba1c = sign({ key: "hba1c", units: [{ ucum: "%", display: "% (NGSP)", kept_as: "mmol/mol" }] });
    expect(unitName(hba1c, "%")).toBe("% (NGSP)");
  });

  test("units that read alike are one choice, the one it is kept in", () => {
    expect(unitChoices(STEPS)).toEqual([{ ucum: "{count}", words: "steps" }]);
  });
});

describe("why a reading is asked about", () => {
  test.each([
    [draft({ value: "210" }), HEART, ["A reading higher than 200 beats/min is unusual."]],
    [draft({ value: "20" }), HEART, ["A reading lower than 30 beats/min is unusual."]],
    [draft({ systolic: "255", diastolic: "20" }), PRESSURE, ["A systolic pressure higher than 250 mmHg is unusual.", "A diastolic pressure lower than 30 mmHg is unusual."]],
    [draft({ value: "33" }), TEMPERATURE, ["A reading lower than 34 °C is unusual."]],
    [draft({ value: "110", unit: "[degF]" }), TEMPERATURE, ["Body temperature is usually between 34 and 42 °C."]],
    [draft({ value: "60" }), WEIGHT, ["A change of more than 10% from one reading to the next is unusual."]],
    [draft({ value: "20" }), WEIGHT, ["A reading lower than 30 kg is unusual."]],
  ])("%#", (typed, of, words) => {
    expect(whyUnusual(typed, of)).toEqual(words);
  });
});

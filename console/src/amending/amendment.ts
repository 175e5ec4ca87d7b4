/**
 * Putting a reading right, or taking it back: who is offered it, what stands in the form, what is missing, and the words.
 * Pure. The API decides, at every request, who may; this only spares a way that leads nowhere.
 */
import type { Observation, VitalSign } from "../api/types.ts";
import type { FieldError } from "../components/error_summary.tsx";
import { signWords, unitInWords, valueInWords } from "../format/signs.ts";
import { dateAndSecond, forDateTimeControl } from "../format/times.ts";
import { EMPTY, faultsOf as readingFaults, typedNumber, unitOf, type Draft } from "../recording/draft.ts";
import type { Stands } from "../recording/sending.ts";
import { unitChoices, unitName } from "../recording/units.ts";

/** Of whose readings: everybody's, one's own, or none. */
export type Amends = "any" | "own" | "none";

/** What of a reading is needed to put it right. */
export type Amendable = Pick<
  Observation,
  "id" | "sign" | "value" | "systolic" | "diastolic" | "code" | "comparator" | "unit" | "original" | "effective_at"
>;

/** Whoever cares for somebody puts right any reading of theirs; somebody themself, and who acts for them, what they recorded. */
export function mayAmend(observation: Pick<Observation, "status" | "recorded_by">, amends: Amends, reader: string): boolean {
  const stands = observation.status === "final" || observation.status === "corrected";
  return stands && (amends === "any" || (amends === "own" && observation.recorded_by === reader));
}

/** A reading that was recorded a moment ago, as it was sent. */
export function amendableOf({ id, reading }: Stands): Amendable {
  const { sign, effective_at, value = null, systolic = null, diastolic = null, code = null, comparator = null, unit = null } = reading;
  return { id, sign, value, systolic, diastolic, code, comparator, unit, original: null, effective_at };
}

/** "Heart rate 72 beats/min, 22 Nov 2026, 14:03:22": as it was sent. */
export function readingInWords(reading: Amendable): string {
  const { value, unit } = reading.original ?? reading;
  const shown = `${valueInWords({ ...reading, value })} ${unitInWords(reading.sign, unit)}`.trim();
  return `${signWords(reading.sign).name} ${shown}, ${dateAndSecond(reading.effective_at)}`;
}

/** What was done, for whoever did it. */
export function amendedInWords(stands: Observation): string {
  if (stands.status === "entered-in-error") return `Taken back: ${readingInWords(stands)}. It stays in the list, crossed out.`;
  return `Put right: ${readingInWords(stands)}. What stood there before stays in the list, crossed out.`;
}

/** The form as it opens: what was sent, in the unit it was sent in, at the time that it has. */
export function draftOf(reading: Amendable, sign: VitalSign): Draft {
  const { value, unit } = reading.original ?? reading;
  return {
    ...EMPTY,
    sign: reading.sign,
    value: written(value),
    systolic: written(reading.systolic),
    diastolic: written(reading.diastolic),
    code: reading.code ?? "",
    comparator: reading.comparator ?? "",
    unit: spelt(unit, sign),
    at: forDateTimeControl(Date.parse(reading.effective_at)).slice(0, "2026-11-22T14:03".length),
  };
}

function written(number: number | null): string {
  return number === null ? "" : String(number);
}

/** The spelling of a unit that the form offers. */
function spelt(ucum: string | null, sign: VitalSign): string {
  if (ucum === null) return "";
  return unitChoices(sign).find(({ words }) => words === unitName(sign, ucum))?.ucum ?? ucum;
}

/** Whether nothing that is recorded would change. */
export function isUnchanged(draft: Draft, before: Draft, sign: VitalSign): boolean {
  const content = (one: Draft): unknown[] => {
    if (sign.shape === "coded") return [one.code];
    if (sign.shape === "pair") return [unitOf(one, sign), typedNumber(one.systolic), typedNumber(one.diastolic)];
    return [unitOf(one, sign), typedNumber(one.value), one.comparator];
  };
  return !isMoved(draft, before) && JSON.stringify(content(draft)) === JSON.stringify(content(before));
}

/** Whether another time was given: to the minute, which is what the control asks for. */
export function isMoved(draft: Draft, before: Draft): boolean {
  return draft.when === "earlier" && draft.at !== before.at;
}

/** What is to be done with it: the record says something else, or nothing at all. */
export type Deed = "correct" | "retract";

/** Why, as the record will keep it; the last one asks for words of one's own. */
export const WHYS: readonly string[] = [
  "Typed wrongly",
  "Wrong unit",
  "Wrong time",
  "Measured on somebody else",
  "The device was faulty, or not used rightly",
];
export const IN_OWN_WORDS = "own";
/** As the API has it, of a line. */
export const LONGEST_REASON = 200;

export interface Reason {
  readonly why: string;
  readonly words: string;
}

export const NO_REASON: Reason = { why: "", words: "" };

export function reasonOf({ why, words }: Reason): string {
  return why === IN_OWN_WORDS ? words.trim() : why;
}

export function reasonFaults(reason: Reason): FieldError[] {
  if (reason.why === "") return [{ field: "why", message: "Say why" }];
  return reasonOf(reason) === "" ? [{ field: "why-words", message: "Say why in your own words" }] : [];
}

/** What is missing before anything is sent. */
export function amendmentFaults(deed: Deed | "", draft: Draft, before: Draft, sign: VitalSign | undefined, reason: Reason): FieldError[] {
  if (deed === "") return [{ field: "deed", message: "Choose what is wrong with it" }];
  if (deed === "retract" || sign === undefined) return reasonFaults(reason);
  const faults = readingFaults(draft, sign);
  if (faults.length === 0 && isUnchanged(draft, before, sign)) {
    return [{ field: "deed", message: "This is what the record says already. Change what is wrong in it, or take it back" }, ...reasonFaults(reason)];
  }
  return [...faults, ...reasonFaults(reason)];
}

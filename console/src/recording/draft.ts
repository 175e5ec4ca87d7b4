/**
 * What has been typed into the form for a reading, what is wrong with it before it is sent, and what is sent.
 * Pure. Judges only what no server is needed for (something missing, not a number); what is plausible the API decides.
 */
import type { FieldError } from "../components/error_summary.tsx";
import type { Reading, Verdict, VitalSign } from "../api/types.ts";
import { withOffset } from "../format/times.ts";
import { hintForPeople, isCounted, keptRange, unitChoices, unitName } from "./units.ts";

export interface Draft {
  readonly sign: string;
  readonly value: string;
  readonly systolic: string;
  readonly diastolic: string;
  readonly code: string;
  /** Below or above the number, where a meter could not tell more; empty for the number itself. */
  readonly comparator: "" | "<" | ">";
  readonly unit: string;
  readonly when: "now" | "earlier";
  /** As a datetime-local control has it. */
  readonly at: string;
}

export const EMPTY: Draft = { sign: "", value: "", systolic: "", diastolic: "", code: "", comparator: "", unit: "", when: "now", at: "" };

const NUMBER = /^[+-]?\d{1,12}(\.\d{1,8})?$/;

/** The number typed; null when it is none. A comma is refused: "8,500" is 8500 to one reader and 8.5 to another. */
export function typedNumber(text: string): number | null {
  const trimmed = text.trim();
  return NUMBER.test(trimmed) ? Number(trimmed) : null;
}

/** What is missing or no number, by the id of its field. */
export function faultsOf(draft: Draft, sign: VitalSign | undefined): FieldError[] {
  if (sign === undefined) return [{ field: "sign", message: "Choose what was measured" }];
  const faults = valueFaults(draft, sign);
  if (draft.when === "earlier" && withOffset(draft.at) === null) faults.push({ field: "at", message: "Enter when it was measured" });
  return faults;
}

function valueFaults(draft: Draft, sign: VitalSign): FieldError[] {
  if (sign.shape === "coded") return draft.code === "" ? [{ field: "code", message: "Choose one of the answers" }] : [];
  if (sign.shape === "pair") {
    const parts = [
      { field: "systolic", name: "systolic pressure", text: draft.systolic },
      { field: "diastolic", name: "diastolic pressure", text: draft.diastolic },
    ];
    return parts.flatMap((part) => numberFaults(part, draft, sign));
  }
  return numberFaults({ field: "value", name: "reading", text: draft.value }, draft, sign);
}

interface Typed {
  readonly field: string;
  readonly name: string;
  readonly text: string;
}

function numberFaults({ field, name, text }: Typed, draft: Draft, sign: VitalSign): FieldError[] {
  if (text.trim() === "") return [{ field, message: `Enter the ${name}` }];
  const typed = typedNumber(text);
  if (typed === null) return [{ field, message: `The ${name} must be a number, without a comma` }];
  if (Number.isInteger(typed) || !isCounted(sign, unitOf(draft, sign)) || isAnotherUnitsLikely(typed, draft, sign)) return [];
  return [{ field, message: notWhole(name) }];
}

function notWhole(name: string): string {
  return `The ${name} must be a whole number, without a decimal point`;
}

/**
 * Whether a number is unusual for the unit chosen while there are others to choose from. The API is then asked first, which
 * knows what each unit makes of it; unconfirmed it takes no such number, so that a count with a fraction is not kept.
 */
function isAnotherUnitsLikely(typed: number, draft: Draft, sign: VitalSign): boolean {
  const usual = sign.limits.find(({ unit }) => unit === unitOf(draft, sign))?.confirm;
  return usual !== undefined && unitChoices(sign).length > 1 && (typed < usual.low || typed > usual.high);
}

/** What is said of a fraction where the unit chosen is a count, once the API has not objected for good; null without one. */
export function fractionFault(draft: Draft, sign: VitalSign): FieldError | null {
  const typed = sign.shape === "quantity" ? typedNumber(draft.value) : null;
  if (typed === null || Number.isInteger(typed) || !isCounted(sign, unitOf(draft, sign))) return null;
  return { field: "value", message: notWhole("reading") };
}

/** The reading to send. To be called only with a draft without faults. */
export function toSend(draft: Draft, sign: VitalSign, clientId: string, now: string, confirmed: boolean): Reading {
  const effective = draft.when === "now" ? now : (withOffset(draft.at) ?? now);
  // The catalogue's keys and answers are the API's own; only their types are wider there.
  const key = sign.key as Reading["sign"];
  const common = { client_id: clientId, sign: key, effective_at: effective, ...(confirmed && { confirmed }) };
  if (sign.shape === "coded") return { ...common, code: draft.code as Exclude<Reading["code"], undefined> };
  const unit = unitOf(draft, sign);
  if (sign.shape === "pair") {
    return { ...common, unit, systolic: typedNumber(draft.systolic) ?? 0, diastolic: typedNumber(draft.diastolic) ?? 0 };
  }
  const { comparator } = draft;
  return { ...common, unit, value: typedNumber(draft.value) ?? 0, ...(comparator !== "" && { comparator }) };
}

/** The unit chosen, or the first that the sign is sent in. */
export function unitOf(draft: Draft, sign: VitalSign): string {
  const offered = sign.units.map(({ ucum }) => ucum);
  return offered.includes(draft.unit) ? draft.unit : (sign.canonical_unit ?? offered[0] ?? "");
}

const FIELDS: Record<string, string> = {
  sign: "sign",
  unit: "unit",
  value: "value",
  systolic: "systolic",
  diastolic: "diastolic",
  code: "code",
  effective_at: "at",
};

/** What the API says against one reading. */
export type Refusal = Pick<Verdict, "code" | "field" | "detail" | "hint">;

/** Where the API's words are for the developers of apps. */
const PLAIN: Readonly<Record<string, string>> = {
  conflict: "Another reading of this is recorded for the very same time. Put that one right, or say when this one was taken.",
  withdrawn: "A reading of this for the very same time was taken back. Say when this one was taken.",
};

/** A refusal as an error of the field it is about. */
export function errorOfVerdict(verdict: Refusal, draft: Draft, sign: VitalSign): FieldError {
  const pointed = FIELDS[verdict.field?.split("/").at(-1) ?? ""] ?? null;
  const hint = hintForPeople(verdict.hint, sign)?.words ?? "";
  const limits = verdict.code === "out_of_range" ? limitsInWords(pointed, draft, sign) : "";
  const said = PLAIN[verdict.code ?? ""] ?? verdict.detail ?? "This reading was refused.";
  const message = [said, limits, hint].filter((part) => part !== "").join(" ");
  return { field: onForm(pointed, draft, sign), message };
}

/** "It must lie between 25 and 45 °C.", by the catalogue; nothing where it has no limits. */
function limitsInWords(field: string | null, draft: Draft, sign: VitalSign): string {
  const sent = unitOf(draft, sign);
  const part = sign.parts.find(({ key }) => key === field);
  const range = part === undefined ? keptRange(sign, sent) : { hard: part.hard, unit: unitName(sign, sent) };
  if (range === null) return "";
  const { hard, unit } = range;
  return `${part === undefined ? "It" : `The ${part.key} pressure`} must lie between ${grouped.format(hard.low)} and ${grouped.format(hard.high)} ${unit}.`;
}

const grouped = new Intl.NumberFormat("en-GB");

/** The id of a control that is there: a unit without a choice is said at the value, a time without a control at its choice. */
function onForm(field: string | null, draft: Draft, sign: VitalSign): string | null {
  if (field === "at" && draft.when === "now") return "when-now";
  if (field === "unit" && unitChoices(sign).length < 2) return firstControl(sign);
  if (field === "value") return firstControl(sign);
  return field;
}

function firstControl(sign: VitalSign): string {
  return { quantity: "value", pair: "systolic", coded: "code" }[sign.shape];
}

/**
 * What is typed into the form for a reading: what is wrong with it, what is unusual, and what is kept of it. By the API's own limits
 * (domain/observations/plausibility.py), so that a phone without a network asks at once what the API would ask later. Pure.
 */
import type { Reading } from "#console/api/types.ts";
import { typedNumber } from "#console/recording/draft.ts";
import { instantAt, withOffsetOf } from "../days/instants.ts";
import type { FieldFault } from "../pieces/faults.ts";
import type { Limits, Sign, Unit } from "../reference/signs.ts";
import type { Words } from "../words/words.ts";
import { unitName, valueOf } from "./show.ts";

export interface Draft {
  readonly sign: string;
  readonly value: string;
  readonly systolic: string;
  readonly diastolic: string;
  readonly pulse: string;
  readonly code: string;
  readonly comparator: "" | "<" | ">";
  readonly unit: string;
  readonly when: "now" | "earlier";
  /** As a datetime-local control has it, by the clocks of the person's zone. */
  readonly at: string;
}

export const EMPTY: Draft = { sign: "", value: "", systolic: "", diastolic: "", pulse: "", code: "", comparator: "", unit: "", when: "now", at: "" };

/** As far ahead as the API takes a reading. */
const AHEAD_MS = 2 * 60_000;

export function unitOf(draft: Pick<Draft, "unit">, sign: Sign): Unit | undefined {
  return sign.units.find(({ ucum }) => ucum === draft.unit) ?? sign.units.find(({ ucum }) => ucum === sign.canonical_unit) ?? sign.units[0];
}

/** When it was measured, in milliseconds; null when no time was given. */
export function measuredAt(draft: Draft, timeZone: string, now: number): number | null {
  if (draft.when === "now") return now;
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(draft.at);
  return match === null ? null : instantAt(match[1] ?? "", match[2] ?? "", timeZone);
}

/**
 * When a reading was measured that is recorded anew: in the minute that was given, at the second after that of the one that was taken
 * back (`taken`, YYYY-MM-DDTHH:MM:SS), whose instant in the record stays its own.
 */
export function measuredAnew(at: number, taken: string): number {
  return at + ((Number(taken.slice(-2)) + 1) % 60) * 1_000;
}

interface Asked {
  readonly sign: Sign;
  readonly words: Words;
  readonly now: number;
  /** The pulse beside a blood pressure is a sign of its own. */
  readonly pulse: Sign | undefined;
}

/** What is missing, no number, or beyond what can be, by the id of its field. */
export function faultsOf(draft: Draft, asked: Asked): FieldFault[] {
  const { words, sign, now } = asked;
  const faults = valueFaults(draft, asked);
  const at = measuredAt(draft, words.timeZone, now);
  if (at === null) faults.push({ field: "at", message: words.say("record.when_missing") });
  else if (at > now + AHEAD_MS) faults.push({ field: "at", message: words.say("record.in_future") });
  if (sign.shape === "coded" && draft.code === "") faults.push({ field: "code", message: words.say("common.choose") });
  return faults;
}

function valueFaults(draft: Draft, { sign, words, pulse }: Asked): FieldFault[] {
  const { say } = words;
  if (sign.shape === "coded") return [];
  const unit = unitOf(draft, sign);
  if (sign.shape === "quantity") {
    const range = sign.limits.find((one) => one.unit === unit?.kept_as);
    return numberFaults({ field: "value", name: say("record.the_reading"), text: draft.value, sign, unit, hard: range?.hard }, words);
  }
  const faults = (["systolic", "diastolic"] as const).flatMap((field) =>
    numberFaults({ field, name: words.named("part", field), text: draft[field], sign, unit, hard: sign.parts.find(({ key }) => key === field)?.hard }, words),
  );
  const [upper, lower] = [typedNumber(draft.systolic), typedNumber(draft.diastolic)];
  if (faults.length === 0 && upper !== null && lower !== null && upper <= lower) faults.push({ field: "systolic", message: say("record.order") });
  if (draft.pulse.trim() !== "" && pulse !== undefined) {
    const told = { field: "pulse", name: words.named("sign", "heart_rate"), text: draft.pulse, sign: pulse, unit: pulse.units[0], hard: pulse.limits[0]?.hard };
    faults.push(...numberFaults(told, words));
  }
  return faults;
}

interface Told {
  readonly field: string;
  readonly name: string;
  readonly text: string;
  readonly sign: Sign;
  readonly unit: Unit | undefined;
  readonly hard: Limits | undefined;
}

function numberFaults({ field, name: named, text, sign, unit, hard }: Told, words: Words): FieldFault[] {
  const { say } = words;
  const name = named.toLocaleLowerCase(words.lang);
  if (text.trim() === "") return [{ field, message: say("record.missing", { name }) }];
  const typed = typedNumber(text);
  if (typed === null) return [{ field, message: say("record.not_number", { name }) }];
  if (sign.decimals === 0 && unit?.scale === 1 && unit.offset === 0 && !Number.isInteger(typed)) return [{ field, message: say("record.not_whole", { name }) }];
  const kept = keptValue(typed, unit);
  if (hard === undefined || (kept >= hard.low && kept <= hard.high)) return [];
  const shown = (limit: number): string => words.number(asTyped(limit, unit), 0, 1);
  return [{ field, message: say("record.too_far", { name, low: shown(hard.low), high: shown(hard.high), unit: unitName(sign.key, unit?.ucum, words) }) }];
}

/** A number in the unit in which it is kept. */
export function keptValue(typed: number, unit: Unit | undefined): number {
  return unit === undefined || (unit.scale === 1 && unit.offset === 0) ? typed : Math.round((typed * unit.scale + unit.offset) * 10_000) / 10_000;
}

/** A limit in the unit in which the number is typed. */
function asTyped(limit: number, unit: Unit | undefined): number {
  return unit === undefined ? limit : Math.round(((limit - unit.offset) / unit.scale) * 10) / 10;
}

/** Why it is asked about once more, in sentences; none when nothing is unusual. `before`: the last value, as it is kept. */
export function unusualOf(draft: Draft, { sign, words, pulse }: Omit<Asked, "now">, before: number | null): string[] {
  const unit = unitOf(draft, sign);
  const name = unitName(sign.key, unit?.ucum, words);
  if (sign.shape === "pair") {
    const parts = sign.parts.flatMap(({ key, confirm }) => beyond(typedNumber(draft[key as "systolic"]), confirm, unit, name, words));
    const beat = pulse?.limits[0]?.confirm;
    const beats = beat === undefined || draft.pulse.trim() === "" ? [] : beyond(typedNumber(draft.pulse), beat, undefined, unitName("heart_rate", "/min", words), words);
    return [...parts, ...beats];
  }
  const typed = typedNumber(draft.value);
  const range = sign.limits.find((one) => one.unit === unit?.kept_as);
  if (sign.shape === "coded" || typed === null || range === undefined) return [];
  const said = beyond(typed, range.confirm, unit, name, words);
  const share = sign.change_to_confirm;
  if (share !== null && before !== null && Math.abs(keptValue(typed, unit) - before) > share * before) {
    const last = valueOf({ sign: sign.key, value: before, unit: unit?.kept_as }, words);
    said.push(words.say("record.unusual_change", { percent: Math.round(share * 100), last }));
  }
  return said;
}

function beyond(typed: number | null, { low, high }: Limits, unit: Unit | undefined, name: string, words: Words): string[] {
  if (typed === null) return [];
  const kept = keptValue(typed, unit);
  const shown = (limit: number): string => words.number(asTyped(limit, unit), 0, 1);
  if (kept > high) return [words.say("record.unusual_high", { limit: shown(high), unit: name })];
  return kept < low ? [words.say("record.unusual_low", { limit: shown(low), unit: name })] : [];
}

/** The unit in which the number would be ordinary, while it is not in the one that was chosen; null for none. */
export function likelierUnit(draft: Draft, sign: Sign): Unit | null {
  const typed = typedNumber(draft.value);
  const chosen = unitOf(draft, sign);
  if (typed === null || sign.shape !== "quantity" || isOrdinary(typed, chosen, sign)) return null;
  return sign.units.find((unit) => unit !== chosen && isOrdinary(typed, unit, sign)) ?? null;
}

function isOrdinary(typed: number, unit: Unit | undefined, sign: Sign): boolean {
  const usual = sign.limits.find((one) => one.unit === unit?.kept_as)?.confirm;
  const kept = keptValue(typed, unit);
  return usual !== undefined && kept >= usual.low && kept <= usual.high;
}

/** The readings to keep: two for a blood pressure with its pulse. To be asked only of a draft without faults. */
export function readingsOf(draft: Draft, sign: Sign, made: { readonly at: number; readonly timeZone: string; readonly confirmed: boolean; readonly newId: () => string }): Reading[] {
  const common = (): Pick<Reading, "client_id" | "effective_at" | "confirmed"> => ({
    client_id: made.newId(),
    effective_at: withOffsetOf(made.at, made.timeZone),
    ...(made.confirmed && { confirmed: true }),
  });
  if (sign.shape === "coded") return [{ ...common(), sign: sign.key, code: draft.code as NonNullable<Reading["code"]> }];
  const unit = unitOf(draft, sign)?.ucum ?? null;
  if (sign.shape === "quantity") {
    const { comparator } = draft;
    return [{ ...common(), sign: sign.key, unit, value: typedNumber(draft.value) ?? 0, ...(comparator !== "" && sign.comparators && { comparator }) }];
  }
  const pair: Reading = { ...common(), sign: sign.key, unit, systolic: typedNumber(draft.systolic) ?? 0, diastolic: typedNumber(draft.diastolic) ?? 0 };
  const beats = typedNumber(draft.pulse);
  return beats === null ? [pair] : [pair, { ...common(), sign: "heart_rate", unit: "/min", value: beats }];
}

/** A draft as it would stand in the record: "132/78 mmHg". */
export function draftInWords(draft: Draft, sign: Sign, words: Words): string {
  const unit = unitOf(draft, sign)?.ucum ?? null;
  if (sign.shape === "coded") return words.named("acvpu", draft.code);
  if (sign.shape === "pair") return valueOf({ sign: sign.key, systolic: typedNumber(draft.systolic), diastolic: typedNumber(draft.diastolic), unit }, words);
  return valueOf({ sign: sign.key, value: typedNumber(draft.value), comparator: draft.comparator || null, unit }, words);
}


/** Why a reading is asked about once more, in words, from the limits in the catalogue. Pure; which value is worrying is not known here. */
import type { VitalSign } from "../api/types.ts";
import { signWords } from "../format/signs.ts";
import { typedNumber, unitOf, type Draft } from "./draft.ts";
import { keptRange, unitName, type Limits } from "./units.ts";

/** Sentences such as "A reading higher than 200 beats/min is unusual."; never none. */
export function whyUnusual(draft: Draft, sign: VitalSign): string[] {
  const said = sign.shape === "pair" ? ofPair(draft, sign) : ofQuantity(draft, sign);
  return said.length > 0 ? said : ["This is unusual."];
}

function ofPair(draft: Draft, sign: VitalSign): string[] {
  const unit = unitName(sign, unitOf(draft, sign));
  const typed: Record<string, string> = { systolic: draft.systolic, diastolic: draft.diastolic };
  return sign.parts.flatMap(({ key, confirm }) => {
    const value = typedNumber(typed[key] ?? "");
    const side = value === null ? null : sideOf(value, confirm, unit);
    return side === null ? [] : [`A ${key} pressure ${side} is unusual.`];
  });
}

function ofQuantity(draft: Draft, sign: VitalSign): string[] {
  const range = keptRange(sign, unitOf(draft, sign));
  const value = typedNumber(draft.value);
  if (range === null || value === null) return [];
  const { confirm: limits, unit } = range;
  const share = sign.change_to_confirm;
  const change = share === null ? [] : [`A change of more than ${Math.round(share * 100)}% from one reading to the next is unusual.`];
  // The catalogue's limits are in the unit a value is kept in; what was sent in another is not converted here a second time.
  if (unitName(sign, unitOf(draft, sign)) !== unit) {
    return [`${signWords(sign.key).name} is usually between ${limits.low} and ${limits.high} ${unit}.`, ...change];
  }
  const side = sideOf(value, limits, unit);
  return side === null ? change : [`A reading ${side} is unusual.`];
}

function sideOf(value: number, { low, high }: Limits, unit: string): string | null {
  if (value > high) return `higher than ${grouped.format(high)} ${unit}`;
  return value < low ? `lower than ${grouped.format(low)} ${unit}` : null;
}

const grouped = new Intl.NumberFormat("en-GB");

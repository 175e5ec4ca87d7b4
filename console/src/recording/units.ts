/**
 * The units of a sign as a person chooses them, and the API's hints in words. Hints are written for the developers of apps
 * and name units by their UCUM codes, which no person reads. Pure.
 */
import type { VitalSign } from "../api/types.ts";
import { unitInWords } from "../format/signs.ts";

export interface UnitChoice {
  readonly ucum: string;
  readonly words: string;
}

/** A unit that the reading was likely measured in, to be taken over by a button. */
export type Offer = UnitChoice;

/** The unit as a person knows it, by the catalogue's own word where the code is one already: "% (NGSP)". */
export function unitName(sign: VitalSign, ucum: string): string {
  const words = unitInWords(sign.key, ucum);
  return words === ucum ? (sign.units.find((unit) => unit.ucum === ucum)?.display ?? words) : words;
}

/** The units to choose from; spellings that read alike are one choice. */
export function unitChoices(sign: VitalSign): UnitChoice[] {
  const canonicalFirst = [...sign.units].sort((a, b) => Number(b.ucum === sign.canonical_unit) - Number(a.ucum === sign.canonical_unit));
  const byWords = new Map<string, UnitChoice>();
  for (const { ucum } of canonicalFirst) {
    const words = unitName(sign, ucum);
    if (!byWords.has(words)) byWords.set(words, { ucum, words });
  }
  return sign.units.flatMap(({ ucum }) => [...byWords.values()].filter((choice) => choice.ucum === ucum));
}

interface KeptRange {
  readonly hard: Limits;
  readonly confirm: Limits;
  /** As a person knows it. */
  readonly unit: string;
}

export interface Limits {
  readonly low: number;
  readonly high: number;
}

/** The catalogue's limits for a unit, in the unit that its values are kept in; null when there are none. */
export function keptRange(sign: VitalSign, ucum: string): KeptRange | null {
  const kept = sign.units.find((unit) => unit.ucum === ucum)?.kept_as ?? ucum;
  const range = sign.limits.find(({ unit }) => unit === kept);
  return range === undefined ? null : { hard: range.hard, confirm: range.confirm, unit: unitName(sign, kept) };
}

/** Whether a reading in this unit is a count, which cannot have a fraction: it is kept as it is sent, without decimals. */
export function isCounted(sign: VitalSign, ucum: string): boolean {
  const unit = sign.units.find((one) => one.ucum === ucum);
  const asKept = unit === undefined || unitName(sign, unit.kept_as) === unitName(sign, unit.ucum);
  return sign.decimals === 0 && asKept;
}

export interface Hint {
  readonly words: string;
  readonly offer: Offer | null;
}

/** A hint of the API for a person: units by their names, and the unit to change to when the form has it. */
export function hintForPeople(hint: string | null, sign: VitalSign): Hint | null {
  if (hint === null) return null;
  const likely = /^The number looks like (.+) rather than (.+)\.$/.exec(hint);
  if (likely !== null) return likelyUnit(likely[1] ?? "", likely[2] ?? "", sign);
  const spelt = /^(?:One of: (.+)|Spelt (.+) in UCUM)\.$/.exec(hint);
  if (spelt !== null) return { words: `Enter it in ${listed((spelt[1] ?? spelt[2] ?? "").split(", "), sign)}.`, offer: null };
  return { words: withoutCodes(hint, sign), offer: null };
}

function likelyUnit(likely: string, sent: string, sign: VitalSign): Hint {
  const offer = unitChoices(sign).find(({ ucum, words }) => ucum === likely || words === likely) ?? null;
  const words = `The number looks like ${unitName(sign, likely)}, not ${unitName(sign, sent)}.`;
  return offer === null ? { words: `${words} Enter it in ${unitName(sign, sent)}.`, offer } : { words, offer };
}

function listed(codes: readonly string[], sign: VitalSign): string {
  const words = [...new Set(codes.map((code) => unitName(sign, code)))];
  return new Intl.ListFormat("en-GB", { type: "disjunction" }).format(words);
}

/** A text with each code of the sign's units in words, the longest first, so that none is replaced within another. */
function withoutCodes(text: string, sign: VitalSign): string {
  const codes = sign.units.map(({ ucum }) => ucum).sort((a, b) => b.length - a.length);
  return codes
    .filter((code) => unitName(sign, code) !== code)
    .reduce((said, code) => said.split(new RegExp(`(?<![\\w/])${escaped(code)}(?![\\w/])`)).join(unitName(sign, code)), text);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

/** A reading in words: its value and unit as a person knows them, and whether it is too old to say how they are now. Pure. */
import { SIGNS } from "../reference/signs.ts";
import type { Words } from "../words/words.ts";

export interface Shown {
  readonly sign: string;
  readonly value?: number | null | undefined;
  readonly systolic?: number | null | undefined;
  readonly diastolic?: number | null | undefined;
  readonly code?: string | null | undefined;
  readonly comparator?: string | null | undefined;
  readonly unit?: string | null | undefined;
}

const PLAIN_UNITS: Readonly<Record<string, string>> = {
  "mm[Hg]": "mmHg",
  Cel: "°C",
  "[degF]": "°F",
  "kg/m2": "kg/m²",
  "{ScoreOf}": "",
};

/** "mmHg", "beats a minute"; empty for a sign without a unit. */
export function unitName(sign: string, ucum: string | null | undefined, { say }: Words): string {
  if (ucum === null || ucum === undefined) return "";
  if (ucum === "/min" && sign === "heart_rate") return say("unit.per_min.heart_rate");
  if (ucum === "/min" && sign === "respiratory_rate") return say("unit.per_min.respiratory_rate");
  if (ucum === "{steps}" || ucum === "{count}") return say("unit.steps");
  if (ucum === "{score}") return say("unit.score");
  if (ucum === "[in_i]") return say("unit.inches");
  if (ucum === "[lb_av]") return say("unit.pounds");
  return PLAIN_UNITS[ucum] ?? SIGNS.get(sign)?.units.find((unit) => unit.ucum === ucum)?.display ?? ucum;
}

/** "132/78 mmHg", "< 1.1 mmol/L", "Alert": with the sign's own decimals, more if the reading has them. */
export function valueOf(reading: Shown, words: Words): string {
  const { sign, code, comparator, value, systolic, diastolic } = reading;
  if (code !== null && code !== undefined) return words.named("acvpu", code);
  const number = isNumber(systolic) && isNumber(diastolic) ? `${numberOf(sign, systolic, words)}/${numberOf(sign, diastolic, words)}` : isNumber(value) ? numberOf(sign, value, words) : "–";
  return [comparator ?? "", number, unitName(sign, reading.unit, words)].filter((part) => part !== "").join(" ");
}

/** A number with the decimals that its sign has. */
export function numberOf(sign: string, value: number, words: Words): string {
  return words.number(value, SIGNS.get(sign)?.decimals ?? 0, 2);
}

function isNumber(value: number | null | undefined): value is number {
  return value !== null && value !== undefined;
}

/** Whether a reading is too old to say how somebody is now, as the API's catalogue has it; a sign not known here always is. */
export function isStale(sign: string, at: string, now: number): boolean {
  const stands = SIGNS.get(sign)?.stale_after_seconds;
  return stands === undefined || !(now - Date.parse(at) <= stands * 1000);
}

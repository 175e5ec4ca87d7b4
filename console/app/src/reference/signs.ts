/** The catalogue of vital signs that the app is built with, so that it can record without a network. Held to the API's by a test. */
import type { Reading } from "#console/api/types.ts";
import told from "./vital_signs.json";

export interface Limits {
  readonly low: number;
  readonly high: number;
}

export interface Unit {
  readonly ucum: string;
  readonly display: string;
  /** The unit in which a value sent in this one is kept: `value * scale + offset`. */
  readonly kept_as: string;
  readonly scale: number;
  readonly offset: number;
}

export interface Sign {
  readonly key: Reading["sign"];
  readonly shape: "quantity" | "pair" | "coded";
  readonly units: readonly Unit[];
  readonly canonical_unit: string | null;
  readonly decimals: number | null;
  readonly limits: readonly { readonly unit: string; readonly hard: Limits; readonly confirm: Limits }[];
  readonly parts: readonly { readonly key: string; readonly hard: Limits; readonly confirm: Limits }[];
  /** The answers that a person can give of themself. */
  readonly answers: readonly string[];
  readonly derived: boolean;
  readonly comparators: boolean;
  readonly whole_numbers: boolean;
  /** By which share of the last value a new one may differ before it is asked about; null: any. */
  readonly change_to_confirm: number | null;
  readonly stale_after_seconds: number;
}

/** Every sign by its key. */
export const SIGNS: ReadonlyMap<string, Sign> = new Map((told as readonly unknown[] as readonly Sign[]).map((sign) => [sign.key, sign]));

/** What people measure at home comes first; then what is rarer. A sign that is not named here is last. */
const ORDER = [
  "blood_pressure", "heart_rate", "oxygen_saturation", "body_temperature", "body_weight", "blood_glucose", "peak_expiratory_flow",
  "respiratory_rate", "pain_score", "steps", "blood_ketones", "inspired_oxygen", "body_height", "hba1c", "consciousness_acvpu", "bmi", "news2_total",
];

/** Signs in the order in which people look for them. */
export function inOrder<Key extends string>(signs: Iterable<Key>): Key[] {
  const rank = (sign: string): number => (ORDER.includes(sign) ? ORDER.indexOf(sign) : ORDER.length);
  return [...new Set(signs)].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** The signs that somebody records: not those that are worked out of others. */
export const RECORDED: readonly Sign[] = inOrder([...SIGNS.values()].filter(({ derived }) => !derived).map(({ key }) => key as string)).flatMap(
  (key) => SIGNS.get(key) ?? [],
);

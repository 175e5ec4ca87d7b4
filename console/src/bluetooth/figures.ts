/**
 * Numbers as medical devices send them (IEEE 11073-20601 SFLOAT and FLOAT), kept as decimals until the end: 36.4 is 364 tenths,
 * and nothing is lost on the way. What is not a number is never 0. Pure.
 */
import { refuse } from "./bytes.ts";

export interface Decimal {
  readonly mantissa: number;
  readonly exponent: number;
}

/** Why there is no number: none was measured, not to this resolution, out of the device's range, or no meaning is known. */
export type NoNumber = "nan" | "not_at_this_resolution" | "above_range" | "below_range" | "reserved";

export type Figure = Decimal | NoNumber;

/** As much as the API takes of any number (10 digits before the point). */
const GREATEST = 1e10;

const SFLOAT_SPECIAL = new Map<number, NoNumber>([
  [0x07fe, "above_range"],
  [0x07ff, "nan"],
  [0x0800, "not_at_this_resolution"],
  [0x0801, "reserved"],
  [0x0802, "below_range"],
]);
const FLOAT_SPECIAL = new Map<number, NoNumber>([
  [0x007ffffe, "above_range"],
  [0x007fffff, "nan"],
  [0x00800000, "not_at_this_resolution"],
  [0x00800001, "reserved"],
  [0x00800002, "below_range"],
]);

/** The number in 16 bits: 4 of exponent, 12 of mantissa, both signed. */
export function sfloat(bits: number): Figure {
  return SFLOAT_SPECIAL.get(bits) ?? { mantissa: signed(bits & 0x0fff, 12), exponent: signed(bits >> 12, 4) };
}

/** The number in 32 bits: 8 of exponent, 24 of mantissa, both signed. */
export function float(bits: number): Figure {
  return FLOAT_SPECIAL.get(bits) ?? { mantissa: signed(bits & 0x00ffffff, 24), exponent: signed(bits >>> 24, 8) };
}

function signed(bits: number, width: number): number {
  return bits >= 2 ** (width - 1) ? bits - 2 ** width : bits;
}

export function isNumber(figure: Figure): figure is Decimal {
  return typeof figure !== "string";
}

/** The figure as the nearest JavaScript number, which JSON writes with the same digits; null where there is none. */
export function numberOf(figure: Figure): number | null {
  return isNumber(figure) ? nearest(figure) : null;
}

/** The figure as a number that can be sent. Refuses what is none, or is beyond reason. */
export function required(figure: Figure): number {
  if (!isNumber(figure)) return refuse("no_number");
  const value = nearest(figure);
  return Math.abs(value) < GREATEST ? value : refuse("unreasonable_number");
}

/** Parsed from decimal text: a product of floating-point numbers would be rounded twice. */
function nearest({ mantissa, exponent }: Decimal): number {
  return mantissa === 0 ? 0 : Number(`${mantissa}e${exponent}`);
}

/** A thousand, or a hundred thousand, times as much, exactly. */
export function timesTenTo(power: number, figure: Figure): Figure {
  return isNumber(figure) ? { mantissa: figure.mantissa, exponent: figure.exponent + power } : figure;
}

/** 1 mmHg is 133.322387415 Pa: kPa times 10^12 / 133322387415 are mmHg. */
const PA_PER_MMHG_E9 = 133_322_387_415n;

/**
 * kPa in mmHg, to one decimal, half away from zero: in whole numbers, so that it is rounded once. The API takes blood pressure in
 * mmHg alone, and a cuff tells 0.1 kPa, which is 0.75 mmHg.
 */
export function mmHgOfKpa(figure: Figure): Figure {
  if (!isNumber(figure) || Math.abs(figure.exponent) > 20) return figure;
  const scaled = BigInt(figure.mantissa) * 10n ** BigInt(13 + Math.max(0, figure.exponent));
  const below = PA_PER_MMHG_E9 * 10n ** BigInt(Math.max(0, -figure.exponent));
  const size = scaled < 0n ? -scaled : scaled;
  const rounded = (2n * size + below) / (2n * below);
  return { mantissa: Number(scaled < 0n ? -rounded : rounded), exponent: -1 };
}

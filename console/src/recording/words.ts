/** A reading as it was typed, in words. Pure. */
import type { VitalSign } from "../api/types.ts";
import { acvpuInWords, signWords } from "../format/signs.ts";
import { dateAndTime } from "../format/times.ts";
import { typedNumber, unitOf, type Draft } from "./draft.ts";
import { unitName } from "./units.ts";

/** "Blood pressure 132/78 mmHg, just now"; `now` says the time that goes without saying. */
export function inWords(draft: Draft, sign: VitalSign, now: string): string {
  const when = draft.when === "now" ? now : dateAndTime(draft.at);
  const unit = sign.shape === "coded" ? "" : unitName(sign, unitOf(draft, sign));
  const value = {
    coded: acvpuInWords(draft.code),
    pair: `${typedNumber(draft.systolic)}/${typedNumber(draft.diastolic)}`,
    quantity: `${draft.comparator} ${typedNumber(draft.value)}`.trim(),
  }[sign.shape];
  return `${signWords(sign.key).name} ${value} ${unit}`.trim() + `, ${when}`;
}

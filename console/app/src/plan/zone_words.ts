/** What a zone asks for, and what was seen of it, in words. Pure. */
import { gapOf, limitOf } from "#console/format/zones.ts";
import { numberOf, valueOf } from "../readings/show.ts";
import SYMPTOMS from "../reference/symptoms.json";
import type { Words } from "../words/words.ts";
import type { Criterion, Reason, Today } from "./zone_now.ts";

/** How many kinds of steps a symptom has: "severity" and others. */
const SCALE_OF: ReadonlyMap<string, string> = new Map(SYMPTOMS.map(({ key, scale }) => [key, scale]));

/** "Peak flow: less than 80 % of your best", "Woken at night: Mild or more". */
export function criterionInWords(criterion: Criterion, words: Words): string {
  const { say } = words;
  const what = criterion.symptom !== null ? `${nameOf(criterion, words)}: ${levelLimit(criterion, words)}` : `${nameOf(criterion, words)}: ${readingLimit(criterion, words)}`;
  const repeated = criterion.basis === "in_a_row" ? say("zone.row", { what, times: criterion.times }) : what;
  return criterion.days > 1 ? say("zone.days", { what: repeated, days: criterion.days }) : repeated;
}

/** What it looks at: "Blood pressure (upper number)". */
export function nameOf({ sign, part, symptom }: Criterion, words: Words): string {
  if (symptom !== null) return words.named("symptom", symptom);
  const name = words.named("sign", sign ?? "");
  return part === null ? name : `${name} (${words.named("part", part)})`;
}

/** What was held against the criterion, with when it was seen last; null when nothing was. */
export function seenInWords(reason: Reason, words: Words, now: number): string | null {
  const { criterion, figure, seen } = reason;
  const last = seen.reduce((latest, { at }) => (latest === null || Date.parse(at) > Date.parse(latest) ? at : latest), null as string | null);
  if (figure === null || last === null) return null;
  const shown = limitOf(reason);
  const value = figureOf(criterion, figure, words);
  return words.say("zone.seen", { figure: shown === null ? value : words.say(LIMIT[shown], { value }), when: words.lately(last, now) });
}

/** What is missing, each thing once: "Peak flow: not measured yet". */
export function missingInWords(reasons: readonly Reason[], told: Pick<Today, "day" | "time_zone">, words: Words): string[] {
  const lines = reasons.flatMap((reason) => {
    const gap = gapOf(reason, told);
    return gap === null ? [] : [`${nameOf(reason.criterion, words)}: ${words.named("zone.gap", gap)}`];
  });
  return [...new Set(lines)];
}

function levelLimit({ symptom, comparator, level }: Criterion, words: Words): string {
  const scale = SCALE_OF.get(symptom ?? "") ?? "severity";
  // Steps are whole: "more than mild" is moderate or more.
  const bound = (level ?? 0) + (comparator === ">" ? 1 : comparator === "<" ? -1 : 0);
  const step = words.named(`level.${scale}`, String(bound));
  if (comparator === ">" || comparator === ">=") return words.say("zone.level_least", { level: step });
  return bound <= 0 ? step : words.say("zone.level_most", { level: step });
}

const LIMIT = { "<": "zone.less", "<=": "zone.most", ">": "zone.more", ">=": "zone.least" } as const;
const MIRRORED = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;

function readingLimit(criterion: Criterion, words: Words): string {
  const { basis, comparator, value } = criterion;
  const { say } = words;
  if (basis !== "change") return say(LIMIT[comparator], { value: amount(criterion, value ?? 0, words) });
  const limit = (side: Criterion["comparator"], of: number): string => say(LIMIT[side], { value: amount(criterion, of, words) });
  const falls = (comparator === "<" || comparator === "<=") && (value ?? 0) <= 0;
  // A fall of 2 is a change below -2: said by its size.
  return falls ? say("zone.fall", { limit: limit(MIRRORED[comparator], -(value ?? 0)) }) : say("zone.rise", { limit: limit(comparator, value ?? 0) });
}

function figureOf(criterion: Criterion, figure: number, words: Words): string {
  if (criterion.symptom !== null) return words.named(`level.${SCALE_OF.get(criterion.symptom) ?? "severity"}`, String(figure));
  const shown = amount(criterion, figure, words);
  return criterion.basis === "change" && figure > 0 ? `+${shown}` : shown;
}

/** A number in the criterion's unit; of a share, "80 % of your best". */
function amount({ sign, basis, unit }: Criterion, value: number, words: Words): string {
  if (basis === "percent_of_best") return words.say("zone.best", { value: words.number(value, 0, 1) });
  return unit === null ? numberOf(sign ?? "", value, words) : valueOf({ sign: sign ?? "", value, unit }, words);
}

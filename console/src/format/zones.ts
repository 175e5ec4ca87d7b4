/**
 * The zone of a plan in words for who cares for somebody, and which reasons decided it. Pure. Whatever is old or missing makes it
 * "not known", and never green (docs/safety/hazard-log.md, H49).
 */
import type { Criterion, ZoneColour, ZoneNow, ZoneReason } from "../api/types.ts";
import { number, signWords, unitInWords } from "./signs.ts";

/** It is asked for each minute. What is older than this was told before the network was lost, or the machine slept. */
export const ZONE_FRESH_MS = 5 * 60_000;

export type Gap = NonNullable<ZoneReason["gap"]> | "not_today";

/** A symptom of the catalogue: its name, and the words of its steps. */
export interface SymptomWords {
  readonly label: string;
  readonly levels: ReadonlyMap<number, string>;
}

export type Symptoms = ReadonlyMap<string, SymptomWords>;

const COLOURS: Record<ZoneColour, string> = { green: "Green zone", amber: "Amber zone", red: "Red zone" };

const GAPS: Record<Gap, string> = {
  not_measured: "not measured",
  only_a_limit: "the meter showed only a limit",
  no_comparison: "nothing from the days before to compare with",
  no_personal_best: "no personal best is known",
  not_told: "not said in the diary",
  too_many: "too many entries to look through",
  not_today: "nothing from today",
};

export type ZoneStanding = { readonly colour: ZoneColour; readonly words: string; readonly lines: readonly string[] } | { readonly colour: null; readonly words: string; readonly lines: readonly string[] };

/** How a zone stands at an instant of the server's clock: its name and what decided it, or that it is not known and what is missing. */
export function zoneStanding(zone: ZoneNow, timeZone: string, symptoms: Symptoms, now: number): ZoneStanding {
  const age = now - Date.parse(zone.as_of);
  const ownDay = { day: zone.today, time_zone: timeZone };
  if (age > ZONE_FRESH_MS || dayIn(now, timeZone) !== zone.today) return { colour: null, words: "It was worked out too long ago to go by, and is asked for again.", lines: [] };
  if (zone.colour !== null) {
    const lines = zone.reasons.filter((reason) => hasDecided(reason, zone.reasons, zone.colour)).map((reason) => reasonInWords(reason, symptoms));
    return { colour: zone.colour, words: COLOURS[zone.colour], lines };
  }
  const lines = zone.reasons.flatMap((reason) => {
    const gap = gapOf(reason, ownDay);
    return gap === null ? [] : [`${criterionName(reason.criterion, symptoms)}: ${GAPS[gap]}`];
  });
  return { colour: null, words: lines.length === 0 ? "What was recorded fits none of the zones." : "Not enough is known of today. Missing:", lines: [...new Set(lines)] };
}

/** Why a criterion counts as missing: it could not be judged, or green asks for it today and it was seen before today alone. */
export function gapOf({ colour, gap, seen }: ZoneReason, { day, time_zone }: { readonly day: string; readonly time_zone: string }): Gap | null {
  if (gap !== null) return gap;
  return colour === "green" && !seen.some(({ at }) => dayIn(Date.parse(at), time_zone) === day) ? "not_today" : null;
}

/** Whether a reason is of the zone's own groups that hold whole. */
export function hasDecided({ colour, group }: ZoneReason, reasons: readonly ZoneReason[], zone: ZoneColour | null): boolean {
  const together = reasons.filter((other) => other.colour === zone && other.group === group);
  return colour === zone && together.every(({ verdict }) => verdict === "met");
}

/** On which side of its figure the truth lies, where a meter showed only a limit; null where the figure itself was measured. */
export function limitOf({ criterion, seen }: Pick<ZoneReason, "criterion" | "seen">): "<" | ">" | null {
  const last = seen.at(-1)?.bound ?? null;
  if (last !== null) return last === "<" ? "<" : ">";
  const first = criterion.basis === "change" ? (seen[0]?.bound ?? null) : null;
  // From less than 80 to 82 is a rise of more than 2.
  return first === null ? null : first === "<" ? ">" : "<";
}

/** "Blood pressure (systolic): 150 mmHg (zone: more than 135 mmHg)". */
function reasonInWords(reason: ZoneReason, symptoms: Symptoms): string {
  const { criterion, figure } = reason;
  const name = criterionName(criterion, symptoms);
  const limit = limitInWords(criterion, symptoms);
  if (figure === null) return `${name}: ${limit}`;
  const shown = limitOf(reason);
  return `${name}: ${shown === null ? "" : `${LIMITS[shown]} `}${amount(criterion, figure, symptoms)} (the zone asks for ${limit})`;
}

function criterionName({ sign, part, symptom }: Criterion, symptoms: Symptoms): string {
  if (symptom !== null) return symptoms.get(symptom)?.label ?? symptom.replaceAll("_", " ");
  const name = signWords(sign ?? "").name;
  return part === null ? name : `${name} (${part})`;
}

const LIMITS = { "<": "less than", "<=": "at most", ">": "more than", ">=": "at least" } as const;

function limitInWords(criterion: Criterion, symptoms: Symptoms): string {
  const { basis, comparator, value, level, times, days, symptom } = criterion;
  const limit = `${LIMITS[comparator]} ${amount(criterion, (symptom === null ? value : level) ?? 0, symptoms)}`;
  const change = basis === "change" ? `a change of ${limit}` : limit;
  const row = basis === "in_a_row" ? `${change}, ${times} times in a row` : change;
  return days > 1 ? `${row}, in the last ${days} days` : row;
}

function amount({ sign, basis, unit, symptom }: Criterion, value: number, symptoms: Symptoms): string {
  if (symptom !== null) return `“${symptoms.get(symptom)?.levels.get(value) ?? value}”`;
  if (basis === "percent_of_best") return `${number("", value).replace(/\.0$/, "")}% of the personal best`;
  const sized = basis === "change" && value > 0 ? `+${number(sign ?? "", value)}` : number(sign ?? "", value);
  return `${sized} ${unitInWords(sign ?? "", unit)}`.trim();
}

/** The date of an instant where somebody's days are: "2026-11-23". */
function dayIn(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(at);
}

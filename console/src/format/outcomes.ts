/**
 * Outcome figures in words. What was withheld is said to be withheld, and why; it is never a dash, a blank or a zero, which
 * a reader would take for a figure.
 */
import type { Count, Estimate, MeasureOutcome } from "../api/types.ts";
import { calendarDate } from "./times.ts";

const REASONS: Record<string, string> = {
  small_number: "a small number is withheld",
  fewer_than_eight_people: "fewer than 8 people",
  too_few_care_homes: "too few care homes",
  too_close_to_another: "its people differ by fewer than 8 from those of another pathway shown this month",
  nobody_enrolled: "nobody is enrolled",
  missing_events: "the count is withheld",
  missing_person_time: "the person-days are withheld",
  no_person_time: "no person-days",
  no_events: "no contacts on either side",
  no_comparator_events: "no contacts before",
};

const grouped = new Intl.NumberFormat("en-GB");

interface Shown {
  value: number | null;
  status: string;
  reason: string | null;
}

/** Why there is no figure: "Suppressed: a small number is withheld". */
function whyAbsent({ status, reason }: Shown): string {
  const why = reason === null ? "" : `: ${REASONS[reason] ?? reason.replaceAll("_", " ")}`;
  return status === "suppressed" ? `Suppressed${why}` : `Cannot be estimated${why}`;
}

/** A count as it may be shown: "1,250", or why it is not. */
export function countInWords(count: Count): string {
  return count.value === null ? whyAbsent(count) : grouped.format(count.value);
}

/** "2.4 (1.9 to 3.0)", or why there is none. An absent limit is said to be open. */
export function estimateInWords(estimate: Estimate, written: (value: number) => string = figure): string {
  if (estimate.value === null) return whyAbsent(estimate);
  const interval = intervalInWords(estimate, written);
  return interval === null ? written(estimate.value) : `${written(estimate.value)} (${interval})`;
}

/** "1.9 to 3.0", "up to 3.0", "1.9 or more"; null without limits. */
function intervalInWords({ low, high }: Estimate, written: (value: number) => string): string | null {
  if (low === null && high === null) return null;
  if (low === null) return `up to ${written(high ?? 0)}`;
  return high === null ? `${written(low)} or more` : `${written(low)} to ${written(high)}`;
}

/** Figures are released to two significant digits: "1.0" is as exact as "1.2", and nothing is rounded again here. */
function figure(value: number): string {
  return value.toLocaleString("en-GB", { minimumSignificantDigits: 2, maximumSignificantDigits: 6 });
}

function hundredths(value: number): string {
  return value.toLocaleString("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 6 });
}

/** "0.41 (0.32 to 0.53)": two decimals, each of which stands for one per cent; more where the API gives more. */
export function ratioInWords(ratio: Estimate): string {
  return estimateInWords(ratio, hundredths);
}

/** The API's sentences with their dates as every other date is written: "22 November 2026". */
export function withDates(text: string): string {
  return text.replaceAll(/\b\d{4}-\d{2}-\d{2}\b/g, calendarDate);
}

/** Where a ratio stands on a drawing from 1/8 to 8, as a share of its width: 1 is in the middle, each doubling as wide. */
export function onRatioAxis(ratio: number): number {
  const share = (Math.log2(ratio) + 3) / 6;
  return Math.min(1, Math.max(0, share));
}

/** The ticks of that drawing. */
export const RATIO_TICKS: readonly { at: number; words: string }[] = [
  { at: 0.125, words: "⅛" },
  { at: 0.25, words: "¼" },
  { at: 0.5, words: "½" },
  { at: 1, words: "1" },
  { at: 2, words: "2" },
  { at: 4, words: "4" },
  { at: 8, words: "8" },
];

type Caution = MeasureOutcome["cautions"][number];

/** The cautions that hold for every measure, to be said once; and what is left for each. */
export function sharedCautions(results: readonly MeasureOutcome[]): readonly Caution[] {
  const [first, ...others] = results;
  if (first === undefined) return [];
  return first.cautions.filter(({ code }) => others.every((other) => other.cautions.some((one) => one.code === code)));
}

/** The spans of time a chart can show, and the usual span of values of each sign. */

export interface Range {
  readonly key: string;
  /** As a choice: "1 hour"; and in a sentence: "the last hour". */
  readonly words: string;
  readonly sentence: string;
  readonly ms: number;
  /** Into how many parts the span is cut: about as many as the eye tells apart, and each a length that one can name. */
  readonly buckets: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const RANGES: readonly Range[] = [
  { key: "15m", words: "15 min", sentence: "the last 15 minutes", ms: 15 * MINUTE, buckets: 180 },
  { key: "1h", words: "1 hour", sentence: "the last hour", ms: HOUR, buckets: 240 },
  { key: "24h", words: "24 hours", sentence: "the last 24 hours", ms: DAY, buckets: 288 },
  { key: "7d", words: "7 days", sentence: "the last 7 days", ms: 7 * DAY, buckets: 336 },
  { key: "30d", words: "30 days", sentence: "the last 30 days", ms: 30 * DAY, buckets: 360 },
];

/**
 * The least span of values an axis shows, so that the same change always looks the same and noise does not look like a cliff.
 * Not limits of what is normal: the axis grows when a reading lies outside.
 */
const AXES: Record<string, readonly [number, number]> = {
  heart_rate: [40, 120],
  respiratory_rate: [8, 30],
  oxygen_saturation: [85, 100],
  blood_pressure: [40, 180],
  body_temperature: [35, 40],
  blood_glucose: [2, 15],
};

/** The axis for values between `low` and `high`: the sign's usual span, widened as far as needed. */
export function axisFor(sign: string, low: number, high: number): [number, number] {
  const usual = AXES[sign];
  if (usual !== undefined) return [Math.min(usual[0], low), Math.max(usual[1], high)];
  const margin = Math.max((high - low) * 0.2, Math.abs(high) * 0.02, 1);
  return [low - margin, high + margin];
}

/** A span shows how a sign moves when it holds so many of its readings. */
export const ENOUGH = 10;

/** Readings no further apart come from a monitor, not from a hand. */
const MONITORED_MS = 5_000;

/** A sign that is still good for the present after more than this is measured by the week or the year. */
const DAY_SCALE_SECONDS = 24 * 3600;

/** When the latest reading of a sign was taken, milliseconds since the epoch. */
export interface TakenAt<Sign extends string = string> {
  readonly sign: Sign;
  readonly at: number;
}

/** The sign whose readings choose the span to open with: the latest of those that are measured daily or oftener. */
export function signToOpenBy<Sign extends string>(
  latest: readonly TakenAt<Sign>[],
  staleAfterSeconds: (sign: Sign) => number | null,
): Sign | null {
  const daily = latest.filter(({ sign }) => (staleAfterSeconds(sign) ?? 0) <= DAY_SCALE_SECONDS);
  return daily.reduce<TakenAt<Sign> | null>((newest, one) => (newest === null || one.at > newest.at ? one : newest), null)?.sign ?? null;
}

/**
 * The range to start with: the shortest that holds enough of the newest readings, given as instants, latest first. With too
 * few, the last 15 minutes for what a monitor sends and else the last 7 days, in which people at home measure.
 */
export function openingRange(newest: readonly number[], now: number): Range {
  const tenth = newest[ENOUGH - 1];
  const holding = tenth === undefined ? undefined : RANGES.find((range) => now - tenth < range.ms);
  return holding ?? named(isMonitored(newest, now) ? "15m" : "7d");
}

function isMonitored([latest, before]: readonly number[], now: number): boolean {
  if (latest === undefined || before === undefined) return false;
  return latest - before <= MONITORED_MS && now - latest < named("15m").ms;
}

function named(key: string): Range {
  return RANGES.find((range) => range.key === key) as Range;
}

/**
 * What a chart draws, as numbers: buckets from the API's series, with readings that arrive live folded into them so that the
 * moving end of a line means the same as the rest. Pure; knows neither uPlot nor the page.
 */

export interface Point {
  /** Start of the bucket, milliseconds since the epoch. */
  readonly at: number;
  readonly n: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
}

/** The points with one more value in its bucket. Buckets keep the phase of those already there, whatever the server's origin. */
export function foldValue(points: readonly Point[], at: number, value: number, bucketMs: number): Point[] {
  const index = lastAtOrBefore(points, at);
  const before = points[index];
  if (before !== undefined && at - before.at < bucketMs) {
    return points.with(index, widened(before, value));
  }
  const phase = before ?? points[0];
  const start = phase === undefined ? at : phase.at + Math.floor((at - phase.at) / bucketMs) * bucketMs;
  return points.toSpliced(index + 1, 0, { at: start, n: 1, min: value, max: value, mean: value });
}

function lastAtOrBefore(points: readonly Point[], at: number): number {
  let index = points.length - 1;
  while (index >= 0 && (points[index]?.at ?? 0) > at) index -= 1;
  return index;
}

function widened(point: Point, value: number): Point {
  const n = point.n + 1;
  return {
    at: point.at,
    n,
    min: Math.min(point.min, value),
    max: Math.max(point.max, value),
    mean: point.mean + (value - point.mean) / n,
  };
}

/** The points of a moving window: older ones have left it. */
export function since(points: readonly Point[], from: number): readonly Point[] {
  const first = points.findIndex((point) => point.at >= from);
  if (first === 0) return points;
  return first < 0 ? [] : points.slice(first);
}

export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}

/** Columns for uPlot: seconds, then mean, least and greatest of each line; null where a line must break. */
export type Columns = [number[], ...(number | null)[][]];

/** Lines side by side on one time axis. Where points are further apart than `gapMs` the line breaks: nothing is known between. */
export function columns(lines: readonly Line[], gapMs: number): Columns {
  const times = timesOf(lines);
  const broken = new Map(gaps(times, gapMs).map(({ from, until }) => [until, (from + until) / 2]));
  const shown = times.flatMap((at) => {
    const middle = broken.get(at);
    return middle === undefined ? [at] : [middle, at];
  });
  const table: Columns = [shown.map((at) => at / 1000)];
  for (const { points } of lines) {
    const byTime = new Map(points.map((point) => [point.at, point]));
    for (const part of ["mean", "min", "max"] as const) table.push(shown.map((at) => byTime.get(at)?.[part] ?? null));
  }
  return table;
}

/** Every instant any line has, in order. */
function timesOf(lines: readonly Line[]): number[] {
  return [...new Set(lines.flatMap((line) => line.points.map((point) => point.at)))].sort((a, b) => a - b);
}

export interface Gap {
  /** The last instant before it, and the first after it: milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
}

/** Where neighbours are further apart than `gapMs`. */
export function gaps(times: readonly number[], gapMs: number): Gap[] {
  return times.slice(1).flatMap((until, index) => {
    const from = times[index] as number;
    return until - from > gapMs ? [{ from, until }] : [];
  });
}

/** A line breaks where its points are so many times further apart than usual. */
const USUAL_SPACINGS = 5;
/** One empty bucket may be chance: two readings a little more than a bucket apart have one between them. */
const EMPTY_BUCKETS = 2;
/** Fewer spacings tell nothing of what is usual; the span shown is the measure then: two hours in a day. */
const LEAST_SPACINGS = 2;
const SHARE_OF_SPAN = 1 / 12;

/**
 * How far apart the points of these lines may be and still be joined: what is usual for them decides, so that an outage of a
 * monitor breaks its line within a minute or two, and one weighing a week is still a line.
 */
export function joinedWithin(lines: readonly Line[], bucketMs: number, spanMs: number): number {
  const times = timesOf(lines);
  const spacings = times.slice(1).map((at, index) => at - (times[index] as number));
  const least = EMPTY_BUCKETS * bucketMs;
  if (spacings.length < LEAST_SPACINGS) return Math.max(least, spanMs * SHARE_OF_SPAN);
  spacings.sort((a, b) => a - b);
  const median = spacings[Math.floor((spacings.length - 1) / 2)] as number;
  return Math.max(least, USUAL_SPACINGS * median);
}

export interface Extent {
  readonly n: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
}

/** How many readings, between which values, and their mean; null when there is none. */
export function extent(points: readonly Point[]): Extent | null {
  if (points.length === 0) return null;
  const n = points.reduce((sum, point) => sum + point.n, 0);
  return {
    n,
    mean: points.reduce((sum, point) => sum + point.mean * point.n, 0) / n,
    min: Math.min(...points.map((point) => point.min)),
    max: Math.max(...points.map((point) => point.max)),
  };
}

/** Whether each point is one reading, so that nothing was averaged. */
export function isEveryReading(lines: readonly Line[]): boolean {
  return lines.every(({ points }) => points.every(({ n }) => n === 1));
}

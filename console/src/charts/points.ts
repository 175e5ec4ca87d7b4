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

/** Lines side by side on one time axis. Where readings are further apart than `gapMs` the line breaks: nothing is known between. */
export function columns(lines: readonly Line[], gapMs: number): Columns {
  const times = timesOf(lines, gapMs);
  const table: Columns = [times.map((at) => at / 1000)];
  for (const { points } of lines) {
    const byTime = new Map(points.map((point) => [point.at, point]));
    for (const part of ["mean", "min", "max"] as const) table.push(times.map((at) => byTime.get(at)?.[part] ?? null));
  }
  return table;
}

/** Every instant any line has, and one in the middle of every gap, where all lines are null. */
function timesOf(lines: readonly Line[], gapMs: number): number[] {
  const all = [...new Set(lines.flatMap((line) => line.points.map((point) => point.at)))].sort((a, b) => a - b);
  return all.flatMap((at, index) => {
    const previous = all[index - 1];
    return previous !== undefined && at - previous > gapMs ? [(previous + at) / 2, at] : [at];
  });
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

/** Where the points of a small chart lie. Pure. */

export interface Point {
  readonly at: number;
  readonly value: number;
}

export interface Drawing {
  /** Of each line, the places of its points in the drawing's own units. */
  readonly lines: readonly (readonly { readonly x: number; readonly y: number }[])[];
  /** The least and the greatest value of each line. */
  readonly spans: readonly { readonly low: number; readonly high: number }[];
}

export const WIDTH = 320;
export const HEIGHT = 160;
const MARGIN = 12;

/** The lines in a drawing of WIDTH by HEIGHT, from one instant to another; null when there is nothing to draw. */
export function drawingOf(lines: readonly (readonly Point[])[], from: number, until: number): Drawing | null {
  const values = lines.flat().map(({ value }) => value);
  if (values.length === 0 || until <= from) return null;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // Some room, so that a flat line is not drawn as a wild one.
  const room = Math.max((high - low) * 0.1, Math.abs(high) * 0.02, 0.5);
  const y = (value: number): number => HEIGHT - MARGIN - ((value - low + room) / (high - low + 2 * room)) * (HEIGHT - 2 * MARGIN);
  const x = (at: number): number => MARGIN + ((at - from) / (until - from)) * (WIDTH - 2 * MARGIN);
  return { lines: lines.map((points) => [...points].sort((a, b) => a.at - b.at).map(({ at, value }) => ({ x: x(at), y: y(value) }))), spans: lines.map(spanOf) };
}

/** The points of a list as an SVG path. */
export function pathOf(points: readonly { readonly x: number; readonly y: number }[]): string {
  return points.map(({ x, y }, place) => `${place === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

function spanOf(points: readonly Point[]): { low: number; high: number } {
  const values = points.map(({ value }) => value);
  return { low: Math.min(...values), high: Math.max(...values) };
}

/** uPlot inside a page: drawn once, then fed; follows the width of its place. A picture only: the table beside it is the text. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { timeOfDay } from "../format/times.ts";
import { axisFor } from "./ranges.ts";
import type { Columns } from "./points.ts";

const HEIGHT = 200;
const INK = "#4c6272";
const GRID = "#e8edee";

/** The NHS palette's blue and dark pink; the second line is dashed too, so that colour is not needed to tell them apart. */
const STYLES: readonly { stroke: string; fill: string; dash?: number[] }[] = [
  { stroke: "#005eb8", fill: "rgba(0, 94, 184, 0.14)" },
  { stroke: "#7c2855", fill: "rgba(124, 40, 85, 0.14)", dash: [6, 4] },
];

interface Props {
  sign: string;
  lines: number;
  data: Columns;
  /** The window shown, milliseconds since the epoch. */
  from: number;
  until: number;
  label: string;
}

export function Plot({ sign, lines, data, from, until, label }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLParagraphElement>(null);
  const plot = useRef<uPlot | null>(null);
  const span = useRef({ min: from / 1000, max: until / 1000 });
  span.current = { min: from / 1000, max: until / 1000 };

  useEffect(() => {
    const home = place.current;
    if (home === null) return undefined;
    const tell = (words: string): void => {
      if (readout.current !== null) readout.current.textContent = words;
    };
    const made = new uPlot(options(sign, lines, home.clientWidth, () => span.current, tell), [[]], home);
    plot.current = made;
    const watching = new ResizeObserver(() => made.setSize({ width: home.clientWidth, height: HEIGHT }));
    watching.observe(home);
    return () => {
      watching.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [sign, lines]);

  useEffect(() => {
    plot.current?.setData(data as uPlot.AlignedData);
  }, [data, sign, lines]);

  useEffect(() => {
    plot.current?.setScale("x", { min: from / 1000, max: until / 1000 });
  }, [from, until]);

  return (
    <div class="tw-plot">
      <div ref={place} role="img" aria-label={label} />
      <p class="tw-plot__readout" aria-hidden="true" ref={readout} />
    </div>
  );
}

type Span = { min: number; max: number };

function options(sign: string, lines: number, width: number, span: () => Span, tell: (words: string) => void): uPlot.Options {
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
    scales: {
      x: { time: true, range: () => [span().min, span().max] },
      y: { range: (_, low, high) => (low === null || high === null ? [0, 1] : axisFor(sign, low, high)) },
    },
    axes: [
      { stroke: INK, grid: { stroke: GRID }, ticks: { show: false }, font: "13px arial", size: 28, space: 80, values: timeLabels },
      { stroke: INK, grid: { stroke: GRID }, ticks: { show: false }, font: "13px arial", size: 44, space: 36 },
    ],
    series: [{}, ...Array.from({ length: lines }, (_, line) => seriesOf(line)).flat()],
    bands: Array.from({ length: lines }, (_, line) => ({
      series: [line * 3 + 3, line * 3 + 2],
      fill: STYLES[line]?.fill ?? "transparent",
    })),
    hooks: { setCursor: [(u) => tell(readoutAt(u, lines))] },
  };
}

/** Mean as a line; least and greatest only as the edges of a band. */
function seriesOf(line: number): uPlot.Series[] {
  const style = STYLES[line] ?? { stroke: INK, fill: "transparent" };
  const edge: uPlot.Series = { stroke: "transparent", width: 0, points: { show: false } };
  return [{ stroke: style.stroke, width: 2, ...(style.dash && { dash: style.dash }), points: { size: 5, fill: style.stroke } }, edge, edge];
}

function readoutAt(u: uPlot, lines: number): string {
  const index = u.cursor.idx;
  if (index === null || index === undefined) return "";
  const at = u.data[0][index];
  if (at === undefined) return "";
  const values = Array.from({ length: lines }, (_, line) => u.data[line * 3 + 1]?.[index]).map((value) =>
    value === null || value === undefined ? "–" : String(Math.round(value * 10) / 10),
  );
  return `${timeOfDay(at * 1000)}   ${values.join(" / ")}`;
}

const minutes = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** "14:05" within a day, "3 Mar" beyond. */
function timeLabels(_: uPlot, splits: number[]): string[] {
  const wide = (splits.at(-1) ?? 0) - (splits[0] ?? 0) > 36 * 3600;
  return splits.map((at) => (wide ? days : minutes).format(at * 1000));
}

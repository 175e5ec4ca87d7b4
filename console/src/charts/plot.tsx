/** uPlot inside a page: drawn once, then fed; follows the width of its place. A picture only: the table beside it is the text. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { timeOfDay } from "../format/times.ts";
import { axisFor } from "./ranges.ts";
import type { Columns } from "./points.ts";

const HEIGHT = 200;
const INK = "#4c6272";
const GRID = "#e8edee";

interface Style {
  readonly stroke: string;
  readonly band: string;
  readonly edge: string;
  readonly dash?: number[];
}

/** The NHS palette's blue and dark pink; the second line is dashed too, so that colour is not needed to tell them apart. */
export const STYLES: readonly [Style, Style] = [
  { stroke: "#005eb8", band: "rgba(0, 94, 184, 0.2)", edge: "rgba(0, 94, 184, 0.5)" },
  { stroke: "#7c2855", band: "rgba(124, 40, 85, 0.2)", edge: "rgba(124, 40, 85, 0.5)", dash: [6, 4] },
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
      fill: styleOf(line).band,
    })),
    hooks: { setCursor: [(u) => tell(readoutAt(u, lines))], drawAxes: [(u) => drawSpans(u, lines)] },
  };
}

function styleOf(line: number): Style {
  return STYLES[line] ?? STYLES[0];
}

/** Mean as a line; least and greatest as the edges of a band. */
function seriesOf(line: number): uPlot.Series[] {
  const { stroke, edge, dash } = styleOf(line);
  const side: uPlot.Series = { stroke: edge, width: 1, points: { show: false } };
  return [{ stroke, width: 2, ...(dash && { dash }), points: { size: 5, fill: stroke } }, side, side];
}

/** From least to greatest at each point: a band is drawn only between neighbours, and would hide the span of a lone one. */
function drawSpans(u: uPlot, lines: number): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.lineWidth = 3 * devicePixelRatio;
  for (let line = 0; line < lines; line += 1) {
    ctx.strokeStyle = styleOf(line).edge;
    ctx.beginPath();
    u.data[0].forEach((at, index) => {
      const [least, greatest] = [u.data[line * 3 + 2]?.[index], u.data[line * 3 + 3]?.[index]];
      if (least === null || least === undefined || greatest === null || greatest === undefined || least === greatest) return;
      const x = u.valToPos(at, "x", true);
      ctx.moveTo(x, u.valToPos(least, "y", true));
      ctx.lineTo(x, u.valToPos(greatest, "y", true));
    });
    ctx.stroke();
  }
  ctx.restore();
}

/** "14:05:00   72 (68 to 80)" for where the pointer is. */
function readoutAt(u: uPlot, lines: number): string {
  const index = u.cursor.idx;
  if (index === null || index === undefined) return "";
  const at = u.data[0][index];
  if (at === undefined) return "";
  const values = Array.from({ length: lines }, (_, line) => {
    const [mean, least, greatest] = [1, 2, 3].map((part) => u.data[line * 3 + part]?.[index]);
    if (mean === null || mean === undefined) return "–";
    return least === greatest ? rounded(mean) : `${rounded(mean)} (${rounded(least)} to ${rounded(greatest)})`;
  });
  return `${timeOfDay(at * 1000)}   ${values.join(" / ")}`;
}

function rounded(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : String(Math.round(value * 10) / 10);
}

const minutes = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** "14:05" within a day, "3 Mar" beyond. */
function timeLabels(_: uPlot, splits: number[]): string[] {
  const wide = (splits.at(-1) ?? 0) - (splits[0] ?? 0) > 36 * 3600;
  return splits.map((at) => (wide ? days : minutes).format(at * 1000));
}

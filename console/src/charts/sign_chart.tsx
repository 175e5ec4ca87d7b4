/** One sign over time: a moving chart, and the same as a table for whoever does not see it. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Observation, SignKey } from "../api/types.ts";
import { useLiveFacts } from "../components/live_context.ts";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { number, signWords, unitInWords } from "../format/signs.ts";
import { dateAndSecond } from "../format/times.ts";
import { everySecond } from "../live/ticking.ts";
import { Plot } from "./plot.tsx";
import { columns, extent, since, type Line } from "./points.ts";
import { GAP_SHARE, type Range } from "./ranges.ts";
import { useSeries, type LiveSeries } from "./use_series.ts";

/** A chart of this many pixels moves visibly only when a pixel's worth of time has passed. */
const PIXELS = 600;

/** More rows than this are no alternative to anything; the readings page has them all. */
const MOST_ROWS = 120;

export type Subscribe = (listener: (observation: Observation) => void) => () => void;

interface Props {
  patientId: string;
  sign: SignKey;
  unit: string | null;
  range: Range;
  subscribe: Subscribe;
}

export function SignChart({ patientId, sign, unit, range, subscribe }: Props) {
  const { now } = useLiveFacts();
  const until = useMovingEnd(range, now);
  const { loaded, take } = useSeries(patientId, sign, unit, range, now);
  useEffect(() => subscribe((observation) => observation.sign === sign && take(observation)), [subscribe, sign, take]);
  const name = signWords(sign).name;
  return (
    <section class="tw-chart" aria-label={name} data-chart={sign}>
      {loaded.status === "loading" && <Loading what={name.toLowerCase()} />}
      {loaded.status === "failed" && <LoadFailed what={name} error={loaded.error} retry={loaded.retry} />}
      {loaded.status === "ready" && <Drawn sign={sign} series={loaded.value} range={range} until={until} />}
    </section>
  );
}

/** The right edge of the window, moved on whenever the picture would differ. */
function useMovingEnd(range: Range, now: () => number): number {
  const [until, setUntil] = useState(now);
  useEffect(() => {
    setUntil(now());
    return everySecond(() => setUntil((before) => (now() - before >= range.ms / PIXELS ? now() : before)));
  }, [range, now]);
  return until;
}

function Drawn({ sign, series, range, until }: { sign: string; series: LiveSeries; range: Range; until: number }) {
  const from = until - range.ms;
  const lines = useMemo(
    () => series.lines.map((line) => ({ ...line, points: since(line.points, from) })),
    [series, from],
  );
  const data = useMemo(() => columns(lines, range.ms * GAP_SHARE), [lines, range]);
  const unit = unitInWords(sign, series.unit);
  const summary = summaryOf(sign, lines, unit, range);
  return (
    <>
      <div class="tw-chart__head">
        <h3>
          {signWords(sign).name} {unit !== "" && <span class="tw-muted tw-chart__unit">({unit})</span>}
        </h3>
        {lines.length > 1 && <Key lines={lines} />}
      </div>
      {lines.some((line) => line.points.length > 0) ? (
        <Plot sign={sign} lines={lines.length} data={data} from={from} until={until} label={summary} />
      ) : (
        <p class="tw-chart__none">No readings in {range.sentence}</p>
      )}
      <AsTable sign={sign} lines={lines} name={signWords(sign).name} range={range} />
    </>
  );
}

function Key({ lines }: { lines: readonly Line[] }) {
  return (
    <ul class="tw-key" aria-hidden="true">
      {lines.map((line, index) => (
        <li key={line.name}>
          <svg width="28" height="8" viewBox="0 0 28 8">
            <path d="M0 4h28" stroke={index === 0 ? "#005eb8" : "#7c2855"} stroke-width="2.5" stroke-dasharray={index === 0 ? "none" : "6 4"} />
          </svg>
          {capital(line.name)}
        </li>
      ))}
    </ul>
  );
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** "Heart rate, the last hour: 120 readings between 62 and 88 beats/min." */
function summaryOf(sign: string, lines: readonly Line[], unit: string, range: Range): string {
  const parts = lines.map((line) => {
    const all = extent(line.points);
    const of = lines.length > 1 ? `${line.name} ` : "";
    if (all === null) return `${of}no readings`;
    const readings = all.n === 1 ? "1 reading" : `${all.n} readings`;
    return `${of}${readings} between ${number(sign, all.min)} and ${number(sign, all.max)} ${unit}`.trim();
  });
  return `Chart of ${signWords(sign).name.toLowerCase()}, ${range.sentence}: ${parts.join("; ")}. The same as a table follows.`;
}

interface TableProps {
  sign: string;
  lines: readonly Line[];
  name: string;
  range: Range;
}

/** Made only when opened: hundreds of rows that nobody reads would slow the page each second. */
function AsTable({ sign, lines, name, range }: TableProps) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Show as a table<span class="nhsuk-u-visually-hidden">: {name}</span>
      </summary>
      {open && (
        <div class="tw-chart__table" tabIndex={0} role="region" aria-label={`${name} as a table`}>
          {lines.map((line) => (
            <LineTable key={line.name} sign={sign} line={line} range={range} caption={lines.length > 1 ? capital(line.name) : name} />
          ))}
        </div>
      )}
    </details>
  );
}

function LineTable({ sign, line, caption, range }: { sign: string; line: Line; caption: string; range: Range }) {
  const rows = line.points.slice(-MOST_ROWS).reverse();
  return (
    <table class="nhsuk-table tw-table--small">
      <caption class="nhsuk-u-visually-hidden">
        {caption}, {range.sentence}, latest first
        {line.points.length > MOST_ROWS ? `, latest ${MOST_ROWS} only` : ""}
      </caption>
      <thead>
        <tr>
          <th scope="col">{caption}: from</th>
          <th scope="col">Mean</th>
          <th scope="col">Lowest</th>
          <th scope="col">Highest</th>
          <th scope="col">Readings</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((point) => (
          <tr key={point.at}>
            <td>{dateAndSecond(point.at)}</td>
            <td>{number(sign, point.mean)}</td>
            <td>{number(sign, point.min)}</td>
            <td>{number(sign, point.max)}</td>
            <td>{point.n}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** One sign over time: a moving chart, and the same as a table for whoever does not see it. */
import { Fragment } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Observation, SignKey } from "../api/types.ts";
import { useLiveFacts } from "../components/live_context.ts";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { average, number, signWords, unitInWords } from "../format/signs.ts";
import { dateAndSecond, lengthInWords } from "../format/times.ts";
import { everySecond } from "../live/ticking.ts";
import { Plot, STYLES } from "./plot.tsx";
import { columns, extent, gaps, isEveryReading, joinedWithin, since, type Extent, type Gap, type Line, type Point } from "./points.ts";
import type { Range } from "./ranges.ts";
import { useSeries, type LiveSeries } from "./use_series.ts";

/** A chart of this many pixels moves visibly only when a pixel's worth of time has passed. */
const PIXELS = 600;

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
  const joined = useMemo(() => joinedWithin(lines, series.bucketMs, range.ms), [lines, series.bucketMs, range]);
  const data = useMemo(() => columns(lines, joined), [lines, joined]);
  const unit = unitInWords(sign, series.unit);
  const summary = summaryOf(sign, lines, unit, range);
  const every = isEveryReading(lines);
  const drawn = lines.some((line) => line.points.length > 0);
  return (
    <>
      <div class="tw-chart__head">
        <h3>
          {signWords(sign).name} {unit !== "" && <span class="tw-muted tw-chart__unit">({unit})</span>}
        </h3>
      </div>
      {drawn && <Key lines={lines} every={every} bucketMs={series.bucketMs} />}
      {drawn ? (
        <Plot sign={sign} lines={lines.length} data={data} from={from} until={until} label={summary} />
      ) : (
        <p class="tw-chart__none">No readings in {range.sentence}</p>
      )}
      <AsTable sign={sign} lines={lines} name={signWords(sign).name} range={range} every={every} bucketMs={series.bucketMs} joinedMs={joined} />
    </>
  );
}

interface KeyProps {
  lines: readonly Line[];
  every: boolean;
  bucketMs: number;
}

/** What the line is: every reading, or averages, with a band that no extreme can hide in. */
function Key({ lines, every, bucketMs }: KeyProps) {
  return (
    <ul class="tw-key">
      {lines.map((line, index) => (
        <li key={line.name}>
          <Sample index={index} band={false} />
          {lines.length > 1 ? capital(line.name) : meaning(every, bucketMs)}
        </li>
      ))}
      {lines.length > 1 && <li>{meaning(every, bucketMs)}</li>}
      {!every && (
        <li>
          <Sample index={0} band />
          Band: lowest to highest
        </li>
      )}
    </ul>
  );
}

function meaning(every: boolean, bucketMs: number): string {
  return every ? "Every reading" : `Average of each ${lengthInWords(bucketMs)}`;
}

function Sample({ index, band }: { index: number; band: boolean }) {
  const style = STYLES[index] ?? STYLES[0];
  return (
    <svg width="28" height="12" viewBox="0 0 28 12" aria-hidden="true" focusable="false">
      {band && <rect width="28" height="12" fill={style.band} stroke={style.edge} />}
      {!band && <path d="M0 6h28" stroke={style.stroke} stroke-width="2.5" stroke-dasharray={style.dash?.join(" ") ?? "none"} />}
    </svg>
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
  every: boolean;
  bucketMs: number;
  /** Points further apart are not joined by the line, and the table says so. */
  joinedMs: number;
}

/** Made only when opened: hundreds of rows that nobody reads would slow the page each second. */
function AsTable({ lines, name, ...rest }: TableProps) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Show as a table<span class="nhsuk-u-visually-hidden">: {name}</span>
      </summary>
      {open && (
        <div class="tw-chart__table" tabIndex={0} role="region" aria-label={`${name} as a table`}>
          {lines.map((line) => (
            <LineTable key={line.name} {...rest} line={line} caption={lines.length > 1 ? `${name}, ${line.name}` : name} />
          ))}
        </div>
      )}
    </details>
  );
}

interface LineTableProps extends Omit<TableProps, "lines" | "name"> {
  line: Line;
  caption: string;
}

/** All of what is drawn, so that an extreme is found in it; the whole span stands first. */
function LineTable({ sign, line, caption, range, every, bucketMs, joinedMs }: LineTableProps) {
  const whole = extent(line.points);
  const times = line.points.map(({ at }) => at);
  const missing = new Map(gaps(times, joinedMs).map(({ from, until }) => [until, { from: every ? from : from + bucketMs, until }]));
  const rows = [...line.points].reverse();
  return (
    <table class="nhsuk-table tw-table--small">
      <caption class="tw-chart__caption">
        {caption}
        <span class="nhsuk-u-visually-hidden">, {range.sentence}, latest first</span>
      </caption>
      <thead>
        <tr>
          <th scope="col">{every ? "Taken" : "From"}</th>
          <th scope="col">{every ? "Reading" : "Average"}</th>
          {!every && <th scope="col">Lowest</th>}
          {!every && <th scope="col">Highest</th>}
          {!every && <th scope="col">Readings</th>}
        </tr>
      </thead>
      <tbody>
        {!every && whole !== null && <PointRow sign={sign} name={`All of ${range.sentence}`} point={whole} />}
        {rows.map((point) => (
          <Fragment key={point.at}>
            {every ? <ReadingRow sign={sign} point={point} /> : <PointRow sign={sign} name={dateAndSecond(point.at)} point={point} />}
            <MissingRow gap={missing.get(point.at)} columns={every ? 2 : 5} />
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

function ReadingRow({ sign, point }: { sign: string; point: Point }) {
  return (
    <tr>
      <td>{dateAndSecond(point.at)}</td>
      <td>{number(sign, point.mean)}</td>
    </tr>
  );
}

/** Where the line breaks. */
function MissingRow({ gap, columns }: { gap: Gap | undefined; columns: number }) {
  if (gap === undefined) return null;
  return (
    <tr>
      <td class="tw-muted" colSpan={columns}>
        No readings from {dateAndSecond(gap.from)} to {dateAndSecond(gap.until)}
      </td>
    </tr>
  );
}

function PointRow({ sign, name, point }: { sign: string; name: string; point: Extent }) {
  return (
    <tr>
      <td>{name}</td>
      <td>{average(sign, point.mean)}</td>
      <td>{number(sign, point.min)}</td>
      <td>{number(sign, point.max)}</td>
      <td>{point.n}</td>
    </tr>
  );
}

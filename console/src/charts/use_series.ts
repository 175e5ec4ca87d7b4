/** A sign's series for a span of time, loaded once and then kept up by the readings that arrive live. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { useLoaded, type Loaded } from "../api/loading.ts";
import type { Observation, Series, SeriesPoint, SignKey } from "../api/types.ts";
import { useApi } from "../services.ts";
import { foldValue, type Line, type Point } from "./points.ts";
import type { Range } from "./ranges.ts";

/** A correction changes the past: the series is asked for again, but not for each of many. */
const RELOAD_PAUSE_MS = 5_000;

export interface LiveSeries {
  readonly unit: string | null;
  readonly bucketMs: number;
  readonly lines: readonly Line[];
}

export interface SeriesInHand {
  readonly loaded: Loaded<LiveSeries>;
  /** To be called with each reading of this sign that arrives live. */
  readonly take: (observation: Observation) => void;
}

/** `unit` says which of its units a sign is drawn in that is kept in two: litres a minute are not per cent. */
export function useSeries(patientId: string, sign: SignKey, unit: string | null, range: Range, now: () => number): SeriesInHand {
  const api = useApi();
  const askedAt = useRef(0);
  const key = `${patientId} ${sign} ${unit} ${range.key}`;
  const loaded = useLoaded(key, async (signal) => {
    const end = Math.ceil(now());
    askedAt.current = end;
    const span = { sign, unit, from: iso(end - range.ms), until: iso(end), buckets: range.buckets };
    const path = { patient_id: patientId };
    return lineUp(await api.get("/v1/patients/{patient_id}/observations/series", { path, query: span }, signal));
  });
  const [grown, setGrown] = useState<{ of: LiveSeries; series: LiveSeries } | null>(null);
  const base = loaded.status === "ready" ? loaded.value : null;
  const series = grown !== null && grown.of === base ? grown.series : base;
  const reloadSoon = usePaced(loaded.status === "ready" ? loaded.reload : null);

  const take = useCallback(
    (observation: Observation) => {
      if (base === null) return;
      if (observation.unit !== base.unit) return;
      if (observation.status !== "final") return reloadSoon();
      // What the server had before it was asked is in its answer already.
      if (Date.parse(observation.received_at) < askedAt.current) return;
      setGrown((before) => {
        const current = before !== null && before.of === base ? before.series : base;
        return { of: base, series: withReading(current, observation, Date.parse(observation.effective_at)) };
      });
    },
    [base, reloadSoon],
  );
  if (loaded.status !== "ready" || series === null) return { loaded, take };
  return { loaded: { ...loaded, value: series }, take };
}

/** `act`, at most once in a while however often it is asked for. */
function usePaced(act: (() => void) | null): () => void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      latest.current?.();
    }, RELOAD_PAUSE_MS);
  }, []);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** The answer as lines by name; blood pressure has two, everything else one. */
function lineUp(series: Series): LiveSeries {
  const parts = series.parts === null ? { [series.sign]: series.points ?? [] } : series.parts;
  const lines = Object.entries(parts).map(([name, points]) => ({ name, points: points.map(toPoint) }));
  // Systolic above diastolic, in the chart's key as in speech.
  lines.sort((a, b) => b.name.localeCompare(a.name));
  return { unit: series.unit, bucketMs: series.bucket_seconds * 1000, lines };
}

function toPoint(point: SeriesPoint): Point {
  return { at: Date.parse(point.at), n: point.n, min: point.min, max: point.max, mean: point.mean };
}

function withReading(series: LiveSeries, observation: Observation, at: number): LiveSeries {
  const lines = series.lines.map((line) => {
    const value = valueFor(observation, line.name);
    return value === null ? line : { ...line, points: foldValue(line.points, at, value, series.bucketMs) };
  });
  return { ...series, lines };
}

function valueFor(observation: Observation, line: string): number | null {
  if (line === "systolic") return observation.systolic;
  if (line === "diastolic") return observation.diastolic;
  return observation.value;
}

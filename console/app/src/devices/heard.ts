/**
 * What a device told, as a list to look through: each with its readings, whether it is known already, what must be asked about it
 * (its time, when its clock cannot be right; itself, when it is unusual), and whether it can be kept. Pure.
 */
import type { Reading } from "#console/api/types.ts";
import type { Heard, Outcome } from "#console/bluetooth/collecting.ts";
import { readingsOf, type DeviceReading } from "#console/bluetooth/readings.ts";
import { instantAt, withOffsetOf } from "../days/instants.ts";
import { EMPTY, faultsOf, unusualOf } from "../readings/entry.ts";
import { SIGNS } from "../reference/signs.ts";
import type { Observation, Unsent } from "../store/things.ts";
import type { Words } from "../words/words.ts";

export interface Found {
  readonly id: string;
  readonly heard: Heard;
  readonly readings: readonly DeviceReading[];
  /** Why nobody knows when it was measured; null when that is known. */
  readonly noTime: "clock_ahead" | "clock_impossible" | "hour_twice" | "hour_skipped" | null;
  /** Why it cannot be kept whatever is answered; null when it can. */
  readonly refused: string | null;
  readonly isKnown: boolean;
  readonly unusual: readonly string[];
  /** Whether its device's clock seems to be of long ago. */
  readonly isOld: boolean;
}

/** A device that keeps its readings for longer has a clock that was set to the day it was made. */
const OLD_MS = 366 * 24 * 3_600_000;
const TIMES: ReadonlySet<string> = new Set(["clock_ahead", "clock_impossible", "hour_twice", "hour_skipped"]);

interface Circumstances {
  readonly words: Words;
  readonly now: number;
  readonly observations: Iterable<Observation>;
  readonly unsent: readonly Unsent[];
}

/** Everything that was heard, the newest first; those without a time last. */
export function foundOf(outcome: Outcome, around: Circumstances): Found[] {
  const known = knownOf(around);
  const found = outcome.heard.map((heard, place) => oneOf(heard, String(place), known, around));
  return found.sort((a, b) => timeOf(b) - timeOf(a));
}

function timeOf({ readings: [first], noTime }: Found): number {
  return first === undefined || noTime !== null ? 0 : Date.parse(first.effective_at);
}

function oneOf(heard: Heard, id: string, known: ReadonlySet<string>, around: Circumstances): Found {
  const { refused } = heard;
  const noTime = refused !== null && TIMES.has(refused) ? (refused as NonNullable<Found["noTime"]>) : null;
  // Of one without a time the numbers are shown and judged all the same.
  const readings = noTime === null ? heard.readings : readingsAt(heard, new Date(around.now).toISOString(), "device");
  const limits = readings.flatMap((reading) => limitsOf(reading, around));
  const [first] = heard.readings;
  return {
    id,
    heard,
    readings,
    noTime,
    refused: noTime === null ? (refused ?? limits[0] ?? null) : null,
    isKnown: heard.readings.length > 0 && heard.readings.every((reading) => known.has(likeness(reading))),
    unusual: readings.flatMap((reading) => unusualIn(reading, around)),
    isOld: first !== undefined && around.now - Date.parse(first.effective_at) > OLD_MS,
  };
}

/** The readings of one that has no time of its own, at the time that its owner gave; none when that is no time, or is to come. */
export function atTime(found: Found, given: string, source: string, { words, now }: Pick<Circumstances, "words" | "now">): readonly DeviceReading[] {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(given);
  if (match === null) return [];
  const at = instantAt(match[1] ?? "", match[2] ?? "", words.timeZone);
  if (at > now) return [];
  return readingsAt(found.heard, withOffsetOf(at, words.timeZone), source);
}

function readingsAt({ measurement }: Heard, at: string, source: string): readonly DeviceReading[] {
  const made = readingsOf(measurement, { at, source });
  return made.ok ? made.found : [];
}

/** The readings as they are kept: confirmed, when their owner has looked at what is unusual. */
export function toKeep(readings: readonly DeviceReading[], confirmed: boolean, newId: () => string): Reading[] {
  return readings.map((reading) => ({ ...reading, client_id: newId(), ...(confirmed && { confirmed: true }) }));
}

/** The same number of the same sign at the same second is the same reading, by whichever way it came. */
function likeness(reading: { sign: string; effective_at: string; value?: number | null; systolic?: number | null; diastolic?: number | null }): string {
  const { sign, effective_at, value, systolic, diastolic } = reading;
  return [sign, Math.floor(Date.parse(effective_at) / 1000), value ?? "", systolic ?? "", diastolic ?? ""].join("|");
}

function knownOf({ observations, unsent }: Circumstances): Set<string> {
  const waiting = unsent.flatMap((one) => (one.kind === "reading" ? [likeness(one.body as Parameters<typeof likeness>[0])] : []));
  return new Set([...[...observations].map(likeness), ...waiting]);
}

function draftOf(reading: DeviceReading) {
  const text = (value: number | null | undefined): string => (value === null || value === undefined ? "" : String(value));
  return {
    ...EMPTY,
    sign: reading.sign,
    value: text(reading.value),
    systolic: text(reading.systolic),
    diastolic: text(reading.diastolic),
    unit: reading.unit ?? "",
    comparator: reading.comparator ?? ("" as const),
  };
}

function limitsOf(reading: DeviceReading, { words, now }: Circumstances): string[] {
  const sign = SIGNS.get(reading.sign);
  return sign === undefined ? [] : faultsOf(draftOf(reading), { sign, words, now, pulse: undefined }).map(({ message }) => message);
}

function unusualIn(reading: DeviceReading, { words, observations }: Circumstances): string[] {
  const sign = SIGNS.get(reading.sign);
  if (sign === undefined) return [];
  const last = [...observations].filter((one) => one.sign === reading.sign).sort((a, b) => Date.parse(b.effective_at) - Date.parse(a.effective_at))[0];
  return unusualOf(draftOf(reading), { sign, words, pulse: undefined }, last?.value ?? null);
}

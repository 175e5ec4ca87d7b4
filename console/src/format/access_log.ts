/** Who looked at a record, as it is read: by day, each entry in words; what was opened in an emergency stands out. Pure. */
import type { Access } from "../api/types.ts";
import { possessive, type Whose } from "./sharing.ts";
import { calendarDate, minuteOfDay } from "./times.ts";

export interface Day {
  /** The day as the reader's calendar has it. */
  readonly date: string;
  readonly entries: readonly Access[];
}

/** The entries by the reader's own days, in the order in which they came. */
export function byDay(entries: readonly Access[]): Day[] {
  const days: { date: string; entries: Access[] }[] = [];
  for (const entry of entries) {
    const date = dayOf(entry.last_at);
    const last = days.at(-1);
    if (last?.date === date) last.entries.push(entry);
    else days.push({ date, entries: [entry] });
  }
  return days;
}

function dayOf(at: string): string {
  const day = new Date(at);
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

function two(part: number): string {
  return String(part).padStart(2, "0");
}

export function dayInFull(date: string): string {
  return calendarDate(date);
}

/** "Dr Asha Rao, Clinician, Rowan Surgery"; "You". */
export function whoInWords({ who, yourself, role, organisation }: Access): string {
  if (yourself) return "You";
  return [who, role, organisation].filter((part): part is string => part !== null).join(", ");
}

/** "at 14:03"; "3 times, between 09:12 and 10:40". */
export function whenInWords({ first_at, last_at, times }: Pick<Access, "first_at" | "last_at" | "times">): string {
  const [first, last] = [minuteOfDay(Date.parse(first_at)), minuteOfDay(Date.parse(last_at))];
  if (times === 1) return `at ${last}`;
  const often = times === 2 ? "twice" : `${times} times`;
  return first === last ? `${often}, at ${last}` : `${often}, between ${first} and ${last}`;
}

/** What is told as one: watching live is begun and stopped each time a page is opened and left; readings are read sign by sign. */
const KINDS: Readonly<Record<string, { kind: string; words: (whose: string) => string }>> = Object.fromEntries(
  [
    { kind: "watched", actions: ["observation.watch", "observation.unwatch"], words: (whose: string) => `had ${whose} readings open on a screen that shows them as they come in` },
    { kind: "charts", actions: ["observation.series"], words: (whose: string) => `looked at charts of ${whose} readings` },
    { kind: "read", actions: ["observation.list", "observation.latest", "observation.read"], words: (whose: string) => `read ${whose} readings` },
  ].flatMap(({ actions, ...told }) => actions.map((action) => [action, told])),
);

/** Entries of one person and one kind, on one day: told as one, each still there to be looked at. */
export interface Told {
  readonly entries: readonly [Access, ...Access[]];
  /** What all of them come to; null for one that stands for itself. */
  readonly words: string | null;
  /** What opens the entries themselves: in the count that is told, not in another. */
  readonly opens: string;
  readonly span: Pick<Access, "first_at" | "last_at" | "times">;
}

/**
 * The entries of a day by their latest; each spans its hours, so that what lies between two of a kind is no reason to part them.
 * What was opened in an emergency, or was refused, always stands for itself.
 */
export function toldTogether(entries: readonly Access[], whose: Whose): Told[] {
  const runs: [Access, ...Access[]][] = [];
  for (const entry of entries) {
    const run = runs.find(([first]) => belongTogether(first, entry));
    if (run === undefined) runs.push([entry]);
    else run.push(entry);
  }
  return runs.map((run) => ({
    entries: run,
    words: run.length === 1 ? null : (KINDS[run[0].action]?.words(possessive(whose)) ?? null),
    opens: opensInWords(run),
    span: spanOf(run),
  }));
}

/** An entry stands for as many times as it says: how many entries there are would be a third number, of nothing that was done. */
function opensInWords(run: readonly [Access, ...Access[]]): string {
  return isWatching(run) ? "See how often it was opened and closed" : `See what these ${spanOf(run).times} times were`;
}

function isWatching(run: readonly [Access, ...Access[]]): boolean {
  return KINDS[run[0].action]?.kind === "watched";
}

function belongTogether(one: Access, other: Access): boolean {
  const kind = KINDS[one.action]?.kind;
  if (kind === undefined || kind !== KINDS[other.action]?.kind || isEmergency(one) || one.outcome !== "done") return false;
  return (["who", "yourself", "role", "organisation", "basis", "why", "outcome", "reason"] as const).every((part) => one[part] === other[part]);
}

/** From the first to the last; watching that was begun and stopped five times is five times, not ten. */
function spanOf(run: readonly [Access, ...Access[]]): Told["span"] {
  const sum = (action: string): number => run.filter((each) => each.action === action).reduce((all, { times }) => all + times, 0);
  const sums = [...new Set(run.map(({ action }) => action))].map(sum);
  const by = (earlier: boolean) => (one: string, other: string) => (Date.parse(one) < Date.parse(other) === earlier ? one : other);
  return {
    first_at: run.map((each) => each.first_at).reduce(by(true)),
    last_at: run.map((each) => each.last_at).reduce(by(false)),
    times: isWatching(run) ? Math.max(...sums) : sums.reduce((all, each) => all + each, 0),
  };
}

/** Whether the record was opened, read or asked for by breaking the glass. */
export function isEmergency({ basis }: Pick<Access, "basis">): boolean {
  return basis === "break_glass";
}

export type Period = "all" | "week" | "month" | "year";

export const PERIODS: readonly { value: Period; words: string }[] = [
  { value: "all", words: "Any time" },
  { value: "week", words: "The last 7 days" },
  { value: "month", words: "The last 30 days" },
  { value: "year", words: "The last 365 days" },
];

const DAYS: Record<Exclude<Period, "all">, number> = { week: 7, month: 30, year: 365 };
const DAY_MS = 86_400_000;

/** From which instant on; null for all time. */
export function since(period: Period, now: number): string | null {
  return period === "all" ? null : new Date(now - DAYS[period] * DAY_MS).toISOString();
}

/**
 * What is due today, worked out from the copy and from what was done on this phone since: for when the API cannot be asked.
 * Days, pauses and counting as the API has them (domain/plans/due_today.py): what was done counts for the day on which it was
 * done, and answers the time of it that it is nearest to; of an action that asks for something to be recorded, each time has its
 * stretch of the day, in which a record meets it (domain/plans/asked.py). Pure.
 */
import type { ActionPlan, Completion, Pause } from "../store/things.ts";
import { dayBefore, daysOn } from "../words/dates.ts";
import { dayIn, instantOn, type Zones } from "./instants.ts";
import { askedBy, isAskedFor, type Recorded } from "./recorded.ts";
import { daysBetween } from "./rule.ts";

/** The tick by which somebody said that they did or skipped something: under which name, and who recorded it (null: this phone). */
export interface Tick {
  readonly clientId: string;
  /** As the record has it; null while it is not told back. */
  readonly id: string | null;
  readonly by: string | null;
}

/** Something done or skipped, whether or not it was sent yet. */
export interface Did {
  readonly actionId: string;
  readonly at: number;
  /** Why it was skipped; null when it was done. */
  readonly skipped: string | null;
  readonly isSent: boolean;
  /** Without one it was met by a reading, answers or an entry of the diary. */
  readonly tick?: Tick;
}

type Action = ActionPlan["actions"][number];

/** One time that an action falls due on a day. */
export interface Due {
  readonly plan: ActionPlan;
  readonly action: Action;
  /** "08:00", or null for any time of the day. */
  readonly time: string | null;
  /** By when, in milliseconds; the end of the day without a time. */
  readonly by: number;
  readonly did: Did | null;
  /** What was done of it that day under a version before, by somebody who may not have heard of this one: not this version's answer. */
  readonly before: Did | null;
}

export interface Day {
  readonly due: readonly Due[];
  /** Plans of which nothing is due because they rest. */
  readonly resting: readonly ActionPlan[];
  /** Actions whose rule this app cannot read: they are named, never left out in silence. */
  readonly unread: readonly Action[];
}

interface Record extends Zones {
  readonly actionPlans: ReadonlyMap<string, ActionPlan>;
  readonly pauses: ReadonlyMap<string, Pause>;
  readonly completions: ReadonlyMap<string, Completion>;
}

/** What was done on this phone and not sent, and what stands in the record and on this phone of what plans ask for. */
export interface Since {
  readonly did: readonly Did[];
  readonly recorded: readonly Recorded[];
}

/** What falls due on a day (YYYY-MM-DD), in order of time, with what was done of it. */
export function dayDue(record: Record, { did: unsent, recorded }: Since, date: string): Day {
  const [begins, ends] = [instantOn(record, date), instantOn(record, daysOn(date, 1))];
  const did = [...didOf(record.completions), ...unsent].filter(({ at }) => begins <= at && at < ends).sort((a, b) => a.at - b.at);
  const due: Due[] = [];
  const resting: ActionPlan[] = [];
  const unread: Action[] = [];
  for (const plan of plansInForce(record)) {
    const falling = plan.actions.filter((action) => fallsOn(action, date, unread));
    const times = falling.flatMap((action) => answered(plan, action, date, record, [...did, ...asRecorded(action, recorded)]));
    const rests = restsOn(plan, record, date);
    if (rests) resting.push(plan);
    // What was done is told even so: whoever looks must not take it for left out.
    due.push(...(rests ? times.filter((one) => one.did !== null) : times));
  }
  return { due: due.sort((a, b) => a.by - b.by || a.action.title.localeCompare(b.action.title)), resting, unread };
}

/** What is left of today and late by now, what is done, and how much of yesterday was not answered. */
export function todayOf(record: Record, since: Since, now: number) {
  const today = dayIn(record, now);
  const day = dayDue(record, since, today);
  const yesterday = dayDue(record, since, dayBefore(today));
  return {
    ...day,
    toDo: day.due.filter(({ did }) => did === null),
    done: day.due.filter(({ did }) => did !== null),
    missedYesterday: yesterday.due.filter(({ did }) => did === null).length,
  };
}

/** The days from a date on, for a fortnight, on which an action falls and its plan does not rest; null for a rule not read. */
export function comingDays(plan: ActionPlan, action: Action, record: Resting, from: string): string[] | null {
  const days = daysBetween(action.schedule, from, daysOn(from, 13));
  return days?.filter((day) => !restsOn(plan, record, day)) ?? null;
}

/** The plans that are followed now: those that have ended, or that a newer version took the place of, are not. */
export function plansInForce({ actionPlans }: Pick<Record, "actionPlans">): ActionPlan[] {
  return [...actionPlans.values()].filter((plan) => plan.status === "active" && plan.superseded_by_id === null).sort((a, b) => a.title.localeCompare(b.title));
}

type Resting = Pick<Record, "actionPlans" | "pauses">;

/** Whether a plan rests on a day: a pause without a plan is of all; one of a plan is of its later versions too. */
export function restsOn(plan: ActionPlan, record: Resting, day: string): boolean {
  return pausesOf(plan, record).some((pause) => holds(pause, day));
}

function pausesOf(plan: ActionPlan, { actionPlans, pauses }: Resting): Pause[] {
  const versions = new Set([plan.id, ...versionsBefore(plan, actionPlans)]);
  return [...pauses.values()].filter(({ plan_id }) => plan_id === null || versions.has(plan_id));
}

function versionsBefore(plan: ActionPlan, actionPlans: Record["actionPlans"]): Set<string> {
  const versions = new Set<string>();
  for (let before = plan.supersedes_id; before !== null && !versions.has(before); before = actionPlans.get(before)?.supersedes_id ?? null) versions.add(before);
  return versions;
}

/** The same step, by its title, in the versions before. */
function sameBefore(plan: ActionPlan, action: Action, actionPlans: Record["actionPlans"]): Set<string> {
  const before = [...versionsBefore(plan, actionPlans)].flatMap((id) => actionPlans.get(id)?.actions ?? []);
  return new Set(before.filter(({ title }) => title === action.title).map(({ id }) => id));
}

function holds({ from_on, until_on, due_again_on }: Pause, day: string): boolean {
  return from_on <= day && (until_on === null || day <= until_on) && (due_again_on === null || day < due_again_on);
}

/** The pause that holds today, if any: the one that goes on longest. */
export function restNow(plan: ActionPlan, record: Resting, day: string): Pause | null {
  const holding = pausesOf(plan, record).filter((pause) => holds(pause, day));
  return holding.sort((a, b) => (b.until_on ?? "9999").localeCompare(a.until_on ?? "9999"))[0] ?? null;
}

function fallsOn(action: Action, date: string, unread: Action[]): boolean {
  const days = daysBetween(action.schedule, date, date);
  if (days === null) unread.push(action);
  return days !== null && days.length > 0;
}

function asRecorded(action: Action, recorded: readonly Recorded[]): Did[] {
  const asked = askedBy(action);
  if (asked === null) return [];
  return recorded.filter((one) => isAskedFor(one, asked)).map(({ at, isSent }) => ({ actionId: action.id, at, skipped: null, isSent }));
}

function answered(plan: ActionPlan, action: Action, date: string, zones: Record, did: readonly Did[]): Due[] {
  const own = did.filter(({ actionId }) => actionId === action.id);
  const times = action.schedule.times.length === 0 ? [null] : action.schedule.times.map((time) => time.slice(0, 5));
  const all = times
    .map((time) => ({ time, by: time === null ? instantOn(zones, daysOn(date, 1)) : instantOn(zones, date, time) }))
    .sort((a, b) => a.by - b.by);
  // What was made due earlier in the day than the plan was published was never asked for, but has its stretch of the day.
  const isOf = ({ by }: { readonly by: number }): boolean => by > Date.parse(plan.published_at);
  const same = sameBefore(plan, action, zones.actionPlans);
  const former = did.filter(({ actionId, skipped }) => skipped === null && same.has(actionId));
  const formerly = nearest(all, former);
  const before = new Map(all.map(({ by }, place) => [by, former[formerly.get(place) ?? -1] ?? null]));
  if (askedBy(action) !== null) {
    const met = metOf(all, date, zones, own);
    return all.map((occurrence, place) => ({ plan, action, ...occurrence, did: met[place] ?? null, before: null })).filter(isOf);
  }
  const due = all.filter(isOf);
  const pairs = nearest(due, own);
  return due.map((occurrence, place) => ({ plan, action, ...occurrence, did: own[pairs.get(place) ?? -1] ?? null, before: before.get(occurrence.by) ?? null }));
}

/**
 * What meets each time of a day at which something is asked for: the first that was recorded or done in its stretch, which goes up to
 * half-way to the next time, or what skipped it. So two readings of one morning are never told as the evening's too.
 */
function metOf(due: readonly { readonly by: number }[], date: string, zones: Zones, given: readonly Did[]): (Did | null)[] {
  const [begins, ends] = [instantOn(zones, date), instantOn(zones, daysOn(date, 1))];
  const within = due.map(({ by }) => Math.min(by, ends));
  const borders = [begins, ...within.slice(1).map((by, place) => ((within[place] ?? by) + by) / 2), ends];
  return due.map((_, place) => {
    const [from, until] = [borders[place] ?? begins, borders[place + 1] ?? ends];
    const inIt = given.filter(({ at }) => from <= at && at < until).sort((a, b) => Number(a.skipped !== null) - Number(b.skipped !== null) || a.at - b.at);
    return inIt[0] ?? null;
  });
}

/** How many answers are left over, how many of those kept are skips, and how far they are from their times: the least is best. */
type Cost = readonly [left: number, skips: number, apart: number];

interface Way {
  readonly cost: Cost;
  readonly pairs: readonly (readonly [time: number, answer: number])[];
}

/**
 * Which answer is held against each time, by their places, both in the order of time: as many as there are times for, of these as
 * many as were done, and of all such pairs those that lie nearest. One of two doses is never told as both, nor the evening's as the
 * morning's (domain/plans/due_today.py, whose rule this is).
 */
function nearest(due: readonly { readonly by: number }[], given: readonly Did[]): Map<number, number> {
  let row: Way[] = Array.from({ length: given.length + 1 }, (_, left) => ({ cost: [left, 0, 0], pairs: [] }));
  due.forEach(({ by }, time) => {
    const before = row;
    row = before.slice(0, 1);
    given.forEach((answer, place) => {
      const without = before[place + 1];
      const [paired, over] = [before[place], row[place]];
      if (paired === undefined || over === undefined || without === undefined) return;
      const [left, skips, apart] = paired.cost;
      const ways: Way[] = [
        { cost: [left, skips + Number(answer.skipped !== null), apart + Math.abs(answer.at - by)], pairs: [...paired.pairs, [time, place]] },
        { cost: [over.cost[0] + 1, over.cost[1], over.cost[2]], pairs: over.pairs },
        without,
      ];
      row.push(ways.reduce((best, way) => (isLess(way.cost, best.cost) ? way : best)));
    });
  });
  return new Map(row.at(-1)?.pairs);
}

function isLess(one: Cost, other: Cost): boolean {
  const place = one.findIndex((part, number) => part !== other[number]);
  return place >= 0 && (one[place] ?? 0) < (other[place] ?? 0);
}

function didOf(completions: ReadonlyMap<string, Completion>): Did[] {
  return [...completions.values()]
    .filter(({ status }) => status === "recorded")
    .map((one) => ({ actionId: one.action_id, at: Date.parse(one.done_at), skipped: one.skipped, isSent: true, tick: { clientId: one.client_id, id: one.id, by: one.recorded_by } }));
}

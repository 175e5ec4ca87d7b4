/** The copy of a record, and how one page of changes changes it. Pure: knows no network and no database. */
import type { Zones } from "../days/instants.ts";
import type { ActionPlan, CarePlan, Changes, Completion, DiaryEntry, Goal, Observation, OwnAlert, Patient, Pause, QuestionnaireResponse, StatedBest } from "./things.ts";

type ById<T> = ReadonlyMap<string, T>;

/** What is told of a record, each thing by its id. */
export interface Held {
  readonly patient: Patient | null;
  readonly observations: ById<Observation>;
  readonly goals: ById<Goal>;
  readonly actionPlans: ById<ActionPlan>;
  readonly carePlans: ById<CarePlan>;
  readonly pauses: ById<Pause>;
  readonly completions: ById<Completion>;
  readonly diaryEntries: ById<DiaryEntry>;
  readonly responses: ById<QuestionnaireResponse>;
  /** The open ones, as of the copy: what may have been answered since. */
  readonly alerts: ById<OwnAlert>;
  /** Those that stand, of the peak flow. */
  readonly bests: ById<StatedBest>;
}

/** How far the copy goes. */
export interface Mark extends Zones {
  /** To ask on from; signed by the API. */
  readonly since: string;
  /** When all that is held was known to be complete, by the API's clock (RFC 3339). Of a copy that is not whole: of before. */
  readonly asOf: string;
  /** This phone's clock then: milliseconds since the epoch. */
  readonly heardAt: number;
  /** Whether all was told at least once: a copy that is still being fetched lacks things without knowing which. */
  readonly isWhole: boolean;
  /** The parts that the edition of the app which kept it knows; none where it was kept before this was noted. */
  readonly parts?: readonly string[];
}

/** The copy as pages show it. */
export interface Copy extends Held, Zones {
  /** When it was known to be complete, by the API's clock (RFC 3339). Show it: the copy is as old as that. */
  readonly asOf: string;
  /** False while the first pages are being fetched: what is missing may only not be here yet. */
  readonly isWhole: boolean;
  /** Kept on this phone, or only in memory. */
  readonly isHeld: boolean;
}

export const NOTHING: Held = {
  patient: null,
  observations: new Map(),
  goals: new Map(),
  actionPlans: new Map(),
  carePlans: new Map(),
  pauses: new Map(),
  completions: new Map(),
  diaryEntries: new Map(),
  responses: new Map(),
  alerts: new Map(),
  bests: new Map(),
};

const PARTS: readonly string[] = Object.keys(NOTHING);

/** Of a page that was kept on the phone before the API told of them. */
const NONE: readonly CarePlan[] = [];

type Thing = Changes["gone"][number]["thing"];

/** In which part of the copy each kind of thing that can be gone stands. */
const PART: Readonly<Record<Thing, keyof Held>> = {
  patient: "patient",
  observation: "observations",
  goal: "goals",
  action_plan: "actionPlans",
  care_plan: "carePlans",
  pause: "pauses",
  completion: "completions",
  diary_entry: "diaryEntries",
  questionnaire_response: "responses",
  alert: "alerts",
  personal_best: "bests",
};

/** What a page of changes does to a copy, without how far it goes. */
export type Told = Omit<Changes, "since" | "more" | "behind" | "epoch" | "number" | "as_of" | "time_zone" | "time_zones">;

/** One page that makes this copy of any other. */
export function asOnePage(held: Held): Told {
  return {
    reset: true,
    patient: held.patient,
    observations: [...held.observations.values()],
    goals: [...held.goals.values()],
    action_plans: [...held.actionPlans.values()],
    care_plans: [...held.carePlans.values()],
    pauses: [...held.pauses.values()],
    completions: [...held.completions.values()],
    diary: [...held.diaryEntries.values()],
    questionnaire_responses: [...held.responses.values()],
    alerts: [...held.alerts.values()],
    personal_bests: [...held.bests.values()],
    gone: [],
  };
}

/** The copy with one page of changes: each thing in the place of its id, and what is gone taken out. */
export function withPage(before: Held, page: Told): Held {
  const held = page.reset ? NOTHING : before;
  const gone = goneOf(page);
  return {
    patient: gone.has("patient") ? null : (page.patient ?? held.patient),
    observations: placed(held.observations, page.observations, gone.get("observations")),
    goals: placed(held.goals, page.goals, gone.get("goals")),
    actionPlans: placed(held.actionPlans, page.action_plans, gone.get("actionPlans")),
    carePlans: placed(held.carePlans, page.care_plans ?? NONE, gone.get("carePlans")),
    pauses: placed(held.pauses, page.pauses, gone.get("pauses")),
    completions: placed(held.completions, page.completions, gone.get("completions")),
    diaryEntries: placed(held.diaryEntries, page.diary, gone.get("diaryEntries")),
    responses: placed(held.responses, page.questionnaire_responses, gone.get("responses")),
    // Pages that lie on the phone since before these were told have none.
    alerts: placed(held.alerts, page.alerts ?? [], gone.get("alerts")),
    bests: placed(held.bests, page.personal_bests ?? [], gone.get("bests")),
  };
}

/**
 * From where to ask on; null: from the beginning. An edition of the app that does not know a part keeps nothing that it is told of it,
 * and the API does not tell it again: whoever knows it has to begin anew.
 */
export function sinceOf(mark: Mark | null): string | null {
  return mark !== null && PARTS.every((part) => mark.parts?.includes(part)) ? mark.since : null;
}

/** Whether its pages hold nothing that this edition of the app would lose by writing them anew. */
export function isAllKnown(mark: Mark | null): boolean {
  return mark?.parts?.every((part) => PARTS.includes(part)) ?? true;
}

/** How far the copy goes with this page. While there is more to come, or not told yet, it is no fresher than before. */
export function markOf(before: Mark | null, page: Changes, now: number): Mark {
  const told = { since: page.since, timeZone: page.time_zone, timeZones: page.time_zones, parts: PARTS };
  const isFirst = before === null || page.reset;
  if (page.behind && !page.more && before?.isWhole === true && !page.reset) return { ...before, ...told };
  if (!page.more) return { ...told, asOf: page.as_of, heardAt: now, isWhole: true };
  if (isFirst) return { ...told, asOf: page.as_of, heardAt: now, isWhole: false };
  return { ...before, ...told };
}

/** Whether the page holds anything but how far it goes. */
export function isEmpty(page: Told): boolean {
  const lists = [page.observations, page.goals, page.action_plans, page.care_plans ?? NONE, page.pauses, page.completions, page.diary, page.questionnaire_responses, page.alerts, page.personal_bests, page.gone];
  return !page.reset && page.patient === null && lists.every((list) => list.length === 0);
}

function goneOf({ gone }: Told): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { thing, id } of gone) {
    const part = PART[thing];
    if (part === undefined) continue;
    found.set(part, (found.get(part) ?? new Set()).add(id));
  }
  return found;
}

function placed<T extends { readonly id: string }>(before: ById<T>, told: readonly T[], gone: ReadonlySet<string> = new Set()): ById<T> {
  if (told.length === 0 && gone.size === 0) return before;
  const after = new Map(before);
  for (const one of told) after.set(one.id, one);
  for (const id of gone) after.delete(id);
  return after;
}

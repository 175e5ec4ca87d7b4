/**
 * In which zone of a plan somebody is, as far as it may be said: as the API told it, if that is of now and all that was recorded is
 * in it. Whatever is old, unsent or missing makes it "not known", and never green (docs/safety/hazard-log.md, H49). Pure.
 */
import type { components } from "#console/api/schema.gen.ts";
import { gapOf, hasDecided } from "#console/format/zones.ts";
import type { ActionPlan, Unsent } from "../store/things.ts";

type Schemas = components["schemas"];
export type Today = Schemas["TodayOut"];
export type Zone = Schemas["ZoneOut"];
export type Colour = Schemas["Colour"];
export type Criterion = Schemas["CriterionOut"];
export type Contact = Schemas["ZoneContactOut"];
export type Reason = Schemas["ReasonOut"];

/** What the API told of the day, and when it was asked by this phone's clock: milliseconds since the epoch. */
export interface Heard {
  readonly told: Today;
  readonly askedAt: number;
}

/** How it stands with asking for the day. */
export interface OwnDay {
  readonly online: boolean;
  readonly heard: Heard | null;
  readonly hasFailed: boolean;
}

export type WhyUnknown = "no_network" | "asking" | "failed" | "old" | "unsent" | "missing" | "between";

export interface ZoneNow {
  /** Null: not known, and `why` says for which cause. */
  readonly colour: Colour | null;
  readonly why: WhyUnknown | null;
  /** What decided it; where something is missing, what that is. */
  readonly reasons: readonly Reason[];
  /** When it was worked out, by the API's clock. */
  readonly asOf: string | null;
  /** Something recorded on this phone is not in it: the zone may be a worse one. */
  readonly isPartial: boolean;
}

/** It is asked for each minute. What is older than this was told before the phone slept, or lost its network without noticing. */
export const FRESH_MS = 5 * 60_000;

/** The zone of a plan now. */
export function zoneNow(plan: ActionPlan, { online, heard, hasFailed }: OwnDay, unsent: readonly Unsent[], now: number): ZoneNow {
  if (!online) return unknown("no_network");
  if (hasFailed) return unknown("failed");
  if (heard === null) return unknown("asking");
  if (!isOfNow(heard, now)) return unknown("old");
  const { told } = heard;
  const zone = told.plans.find(({ id }) => id === plan.id)?.zone ?? null;
  // Of another version of the plan, or of none: this one is being asked for.
  if (zone === null) return unknown("asking");
  const isPartial = unsent.some(bears);
  const { colour } = zone;
  if (colour === null) {
    const lacking = zone.reasons.filter((reason) => lacks(reason, told));
    return { colour: null, why: lacking.length === 0 ? "between" : "missing", reasons: lacking, asOf: told.as_of, isPartial };
  }
  if (colour === "green" && isPartial) return { ...unknown("unsent"), asOf: told.as_of };
  return { colour, why: null, reasons: zone.reasons.filter((reason) => hasDecided(reason, zone.reasons, colour)), asOf: told.as_of, isPartial };
}

/** Whether a zone would be another with it: something recorded here, or taken back here of what it was worked out from. */
function bears(one: Unsent): boolean {
  const kind = one.kind === "retraction" ? one.body.of : one.kind;
  return kind === "reading" || kind === "diary_entry";
}

function lacks(reason: Reason, told: Today): boolean {
  return gapOf(reason, told) !== null;
}

/** Whether it was told so lately, and of a day that is not over. A clock that was put back says nothing. */
function isOfNow({ told, askedAt }: Heard, now: number): boolean {
  const age = now - askedAt;
  return age >= 0 && age <= FRESH_MS && Date.parse(told.as_of) + age < Date.parse(told.until_at);
}

function unknown(why: WhyUnknown): ZoneNow {
  return { colour: null, why, reasons: [], asOf: null, isPartial: false };
}

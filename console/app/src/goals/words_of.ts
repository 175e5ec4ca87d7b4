/** A goal's target and numbers in words. Pure. */
import { numberOf, unitName } from "../readings/show.ts";
import type { Goal } from "../store/things.ts";
import type { Words } from "../words/words.ts";

export type Target = NonNullable<Goal["target"]>;
export type Progress = NonNullable<Goal["progress"]>;

const SIDES = { "<": "lt", "<=": "le", ">": "gt", ">=": "ge" } as const;

/** By what a comparator goes in the messages. */
export function sideOf(comparator: Target["comparator"]): (typeof SIDES)[keyof typeof SIDES] {
  return SIDES[comparator];
}

/** "Blood pressure (upper number) below 135 mmHg by 1 June 2027", or "done 3 or more times a week until …". */
export function targetInWords(target: Target, words: Words): string {
  const { say } = words;
  const date = words.date(target.due_on);
  const side = say(`goals.side.${sideOf(target.comparator)}`, { value: measured(target, target.value, words) });
  if (target.sign === null) {
    if (target.unit === "/d") return say("goals.target_day", { side, date });
    return target.unit === "/wk" ? say("goals.target_week", { side, date }) : say("goals.target_all", { side, date });
  }
  const sign = words.named("sign", target.sign);
  return target.part === null ? say("goals.target_sign", { sign, side, date }) : say("goals.target_part", { sign, part: words.named("part", target.part), side, date });
}

/** A number of the target's: "135 mmHg"; a mean has at most one decimal more than a reading. */
export function measured(target: Pick<Target, "sign" | "unit">, value: number, words: Words): string {
  if (target.sign === null) return words.number(value);
  const rounded = Math.round(value * 10) / 10;
  return `${numberOf(target.sign, rounded, words)} ${unitName(target.sign, target.unit, words)}`.trim();
}

/** How a goal stands: how it is going once that was said of one that is under way, its status otherwise. */
export function standingInWords(goal: Goal, words: Words): string {
  if (goal.lifecycle_status === "active" && goal.achievement_status !== null) return words.named("goals.standing", goal.achievement_status);
  return words.named("goals.status", goal.lifecycle_status);
}

/** What the readings or notes suggest, or why they suggest nothing. Never a status: a person decides that. */
export function suggestionInWords(progress: Progress, words: Words): string | null {
  if (progress.data !== "enough") return words.say(`goals.not_enough.${progress.data}`);
  if (progress.suggestion === null) return null;
  return words.say("goals.suggests", { standing: words.named("goals.standing", progress.suggestion).toLocaleLowerCase(words.lang) });
}

const ENDED: ReadonlySet<string> = new Set(["completed", "cancelled", "rejected", "entered-in-error"]);

/** In which of the three lists of the page a goal stands. */
export function listOf({ lifecycle_status }: Goal): "waiting" | "going" | "ended" {
  if (lifecycle_status === "proposed" || lifecycle_status === "planned") return "waiting";
  return ENDED.has(lifecycle_status) ? "ended" : "going";
}

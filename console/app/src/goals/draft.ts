/** What is typed about a goal: what is missing, and what is kept of it. Pure. */
import type { components } from "#console/api/schema.gen.ts";
import { typedNumber } from "#console/recording/draft.ts";
import type { FieldFault } from "../pieces/faults.ts";
import { SIGNS } from "../reference/signs.ts";
import type { Goal } from "../store/things.ts";
import type { Words } from "../words/words.ts";
import type { Target } from "./words_of.ts";

type TargetIn = components["schemas"]["TargetIn"];

export interface GoalDraft {
  readonly description: string;
  readonly why: string;
  readonly measure: "none" | "sign" | "count";
  readonly sign: string;
  readonly part: "systolic" | "diastolic";
  readonly comparator: Target["comparator"];
  readonly value: string;
  /** Of what is counted: in what time. */
  readonly per: "/d" | "/wk" | "1";
  readonly due: string;
}

export const NEW_GOAL: GoalDraft = { description: "", why: "", measure: "none", sign: "", part: "systolic", comparator: "<", value: "", per: "/wk", due: "" };

/** The draft that says what a goal says now. */
export function draftOf({ description, why, target }: Goal): GoalDraft {
  const said = { ...NEW_GOAL, description, why: why ?? "" };
  if (target === null) return said;
  return {
    ...said,
    measure: target.sign === null ? "count" : "sign",
    sign: target.sign ?? "",
    part: target.part ?? "systolic",
    comparator: target.comparator,
    value: String(target.value),
    per: target.sign === null ? (target.unit as GoalDraft["per"]) : NEW_GOAL.per,
    due: target.due_on,
  };
}

export function faultsOf(draft: GoalDraft, { say }: Words, today: string): FieldFault[] {
  const faults: FieldFault[] = [];
  if (draft.description.trim() === "") faults.push({ field: "description", message: say("goals.missing_description") });
  if (draft.measure === "none") return faults;
  if (draft.measure === "sign" && !SIGNS.has(draft.sign)) faults.push({ field: "goal-sign", message: say("goals.missing_sign") });
  const number = typedNumber(draft.value);
  if (number === null || number < 0 || (draft.measure === "count" && !Number.isInteger(number))) faults.push({ field: "goal-value", message: say("goals.missing_number") });
  if (draft.due <= today) faults.push({ field: "due", message: say("goals.missing_due") });
  return faults;
}

/** The target of a draft without faults. `before`: the one that the goal has, whose unit stays when its sign does. */
export function targetOf(draft: GoalDraft, before: Target | null): TargetIn | null {
  const common = { comparator: draft.comparator, value: typedNumber(draft.value) ?? 0, due_on: draft.due };
  if (draft.measure === "none") return null;
  if (draft.measure === "count") return { ...common, sign: null, part: null, counted: "completions", unit: draft.per };
  const sign = SIGNS.get(draft.sign);
  const unit = before !== null && before.sign === draft.sign ? before.unit : (sign?.canonical_unit ?? sign?.units[0]?.ucum ?? "");
  const part = sign?.shape === "pair" ? draft.part : null;
  return { ...common, sign: draft.sign as NonNullable<TargetIn["sign"]>, part, unit };
}

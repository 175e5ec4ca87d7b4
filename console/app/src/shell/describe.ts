/** What was done, in a line: for the list of what is not sent, and beside what the record says. Pure. */
import { newClientId } from "#console/api/client_id.ts";
import type { Copy } from "../store/copy.ts";
import type { Standing } from "../store/store.ts";
import { inCopy } from "../store/taken_back.ts";
import { takesBack, type ActionPlan, type Goal, type Retraction, type Unsent } from "../store/things.ts";

/** What the API's keys are called in the language that was chosen (words/words.ts). */
export type Named = (area: string, key: string) => string;

/** What it is about and what was said of it, as the person wrote it. */
export function described(unsent: Unsent, kept: Standing, named: Named): string {
  const { copy } = kept;
  switch (unsent.kind) {
    case "retraction":
      return takenBackInWords(unsent, kept, named);
    case "reading":
      return reading(unsent.body, named);
    case "diary_entry":
      return entry(unsent.body, named);
    case "completion":
      return completion(unsent.body, copy);
    case "goal":
      return unsent.body.description;
    case "goal_wording":
      return unsent.body.description;
    case "goal_status":
      return [goalIn(copy, unsent.body.goal_id)?.description, standing(unsent.body), unsent.body.note].filter(Boolean).join(": ");
    case "goal_rating":
      return [goalIn(copy, unsent.body.goal_id)?.description, String(unsent.body.level), unsent.body.note].filter(Boolean).join(": ");
    case "questionnaire_response":
      return answers(unsent.body);
    case "plan_acknowledgement":
      return [copy?.actionPlans.get(unsent.body.plan_id)?.title, unsent.body.note].filter(Boolean).join(": ");
  }
}

/** What is taken back, as it stands in the copy or waits to be sent; why, where neither is here any more. */
function takenBackInWords(retraction: Retraction, { copy, unsent }: Standing, named: Named): string {
  const waiting = unsent.find((one) => takesBack(retraction, one));
  if (waiting !== undefined) return described(waiting, { copy, unsent: [] }, named);
  if (copy === undefined) return retraction.body.reason;
  const observation = inCopy(retraction, "reading", copy);
  if (observation !== null) return reading(observation, named);
  const done = inCopy(retraction, "completion", copy);
  if (done !== null) return completion(done, copy);
  const written = inCopy(retraction, "diary_entry", copy);
  if (written !== null) return entry(written, named);
  const answered = inCopy(retraction, "questionnaire_response", copy);
  return answered === null ? retraction.body.reason : answers(answered);
}

type Maybe<T> = T | null | undefined;
type ReadingSaid = { sign: string; value?: Maybe<number>; systolic?: Maybe<number>; diastolic?: Maybe<number>; code?: Maybe<string>; unit?: Maybe<string> };

function reading({ sign, value, systolic, diastolic, code, unit }: ReadingSaid, named: Named): string {
  const figure = systolic != null ? `${systolic}/${diastolic ?? "–"}` : (value ?? code ?? "");
  return [named("sign", sign), `${figure}${unit == null ? "" : ` ${unit}`}`].join(": ");
}

function entry({ note, symptoms }: { note?: Maybe<string>; symptoms?: Maybe<readonly { readonly symptom: string }[]> }, named: Named): string {
  return note ?? (symptoms ?? []).map(({ symptom }) => named("symptom", symptom)).join(", ");
}

function completion({ action_id, skipped, note }: { action_id: string; skipped?: Maybe<string>; note?: Maybe<string> }, copy: Copy | undefined): string {
  return [actionIn(copy, action_id), skipped, note].filter(Boolean).join(": ");
}

function answers({ questionnaire }: { questionnaire: string }): string {
  return questionnaire.toUpperCase();
}

/** The instant at which it was done, as the person said (RFC 3339); when it was kept, where that was not asked. */
export function doneAt(unsent: Unsent): string {
  if (unsent.kind === "reading" || unsent.kind === "diary_entry") return unsent.body.effective_at;
  if (unsent.kind === "completion") return unsent.body.done_at;
  if (unsent.kind === "plan_acknowledgement") return unsent.body.said_at;
  if (unsent.kind === "questionnaire_response") return unsent.body.authored_at;
  return new Date(unsent.keptAt).toISOString();
}

/** What the record says of the same goal now; null when it is not about one, or there is none any more. */
export function goalOf(unsent: Unsent, copy: Copy | undefined): Goal | null {
  const isOfGoal = unsent.kind === "goal_status" || unsent.kind === "goal_wording" || unsent.kind === "goal_rating";
  return isOfGoal ? goalIn(copy, unsent.body.goal_id) : null;
}

/** The record's side of a conflict, in a line; null when nothing stands there. */
export function recordSays(unsent: Unsent, copy: Copy | undefined): string | null {
  const goal = goalOf(unsent, copy);
  if (goal === null) return null;
  return [goal.description, standing(goal)].filter(Boolean).join(": ");
}

/** The same thing, sent knowing what the record says; null when the record has nothing for it to change. */
export function knowingly(unsent: Unsent, copy: Copy | undefined): Unsent["body"] | null {
  const goal = goalOf(unsent, copy);
  if (goal === null) return null;
  return unsent.kind === "goal_rating" ? unsent.body : { ...unsent.body, seen_version: goal.version };
}

/**
 * The same thing as one of its own, beside what stands in the record; null where that makes no sense. What was taken back there
 * stays so, and what was said of a version that is replaced is said of the one in force.
 */
export function asItsOwn(unsent: Unsent, copy: Copy | undefined): Unsent["body"] | null {
  const { verdict } = unsent;
  const client_id = newClientId();
  if (unsent.kind === "reading") {
    const isTaken = verdict?.errors.some(({ code, pointer }) => code === "conflict" && pointer.endsWith("client_id"));
    return isTaken === true ? { ...unsent.body, client_id } : null;
  }
  if (unsent.kind === "goal_status" || unsent.kind === "goal_wording") return null;
  if (verdict?.problem?.endsWith("/already-exists") === true) return { ...unsent.body, client_id };
  if (verdict?.problem?.endsWith("/illegal-transition") !== true) return null;
  // To have understood a version that one has not read cannot be said of it.
  if (unsent.kind === "plan_acknowledgement" && unsent.body.answer === "question") {
    const plan = inForceAfter(unsent.body.plan_id, copy);
    return plan === null ? null : { ...unsent.body, plan_id: plan.id, client_id };
  }
  if (unsent.kind === "completion") {
    const plan = inForceAfter(unsent.body.plan_id, copy);
    const title = actionIn(copy, unsent.body.action_id);
    const action = title === "" ? undefined : plan?.actions.find((one) => one.title === title);
    return plan === null || action === undefined ? null : { ...unsent.body, plan_id: plan.id, action_id: action.id, client_id };
  }
  return null;
}

/** The version in force that took this one's place; null when there is none. */
function inForceAfter(id: string, copy: Copy | undefined): ActionPlan | null {
  let plan = copy?.actionPlans.get(id);
  for (const seen = new Set<string>(); plan?.superseded_by_id != null && !seen.has(plan.id); ) {
    seen.add(plan.id);
    plan = copy?.actionPlans.get(plan.superseded_by_id);
  }
  return plan === undefined || plan.id === id || plan.status !== "active" ? null : plan;
}

function standing(of: { lifecycle_status?: string | null; achievement_status?: string | null }): string {
  return [of.lifecycle_status, of.achievement_status].filter(Boolean).join(", ").replaceAll(/[_-]/g, " ");
}

function goalIn(copy: Copy | undefined, id: string): Goal | null {
  return copy?.goals.get(id) ?? null;
}

function actionIn(copy: Copy | undefined, id: string): string {
  for (const plan of copy?.actionPlans.values() ?? []) {
    const found = plan.actions.find((action) => action.id === id);
    if (found !== undefined) return found.title;
  }
  return "";
}

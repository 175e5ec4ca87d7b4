/** What was done, in a line: for the list of what is not sent, and beside what the record says. Pure. */
import { newClientId } from "#console/api/client_id.ts";
import type { Copy } from "../store/copy.ts";
import type { ActionPlan, Goal, Unsent } from "../store/things.ts";

/** What the API's keys are called in the language that was chosen (words/words.ts). */
export type Named = (area: string, key: string) => string;

/** What it is about and what was said of it, as the person wrote it. */
export function described(unsent: Unsent, copy: Copy | undefined, named: Named): string {
  switch (unsent.kind) {
    case "reading": {
      const { sign, value, systolic, diastolic, code, unit } = unsent.body;
      const figure = systolic != null ? `${systolic}/${diastolic ?? "–"}` : (value ?? code ?? "");
      return [named("sign", sign), `${figure}${unit == null ? "" : ` ${unit}`}`].join(": ");
    }
    case "diary_entry":
      return unsent.body.note ?? (unsent.body.symptoms ?? []).map(({ symptom }) => named("symptom", symptom)).join(", ");
    case "completion":
      return [actionIn(copy, unsent.body.action_id), unsent.body.skipped, unsent.body.note].filter(Boolean).join(": ");
    case "goal":
      return unsent.body.description;
    case "goal_wording":
      return unsent.body.description;
    case "goal_status":
      return [goalIn(copy, unsent.body.goal_id)?.description, standing(unsent.body), unsent.body.note].filter(Boolean).join(": ");
    case "goal_rating":
      return [goalIn(copy, unsent.body.goal_id)?.description, String(unsent.body.level), unsent.body.note].filter(Boolean).join(": ");
    case "questionnaire_response":
      return unsent.body.questionnaire.toUpperCase();
    case "plan_acknowledgement":
      return [copy?.actionPlans.get(unsent.body.plan_id)?.title, unsent.body.note].filter(Boolean).join(": ");
  }
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

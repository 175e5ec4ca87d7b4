/** What somebody can do with a goal of theirs, by how it stands; the API's own steps (domain/plans/goal_lifecycle.py). Pure. */
import type { Goal, Sent, Unsent } from "../store/things.ts";

type Status = NonNullable<Sent["goal_status"]>;
export type Step = "accept" | "decline" | "begin" | "pause" | "resume" | "finish" | "give_up";

const STEPS: Readonly<Partial<Record<Goal["lifecycle_status"], readonly Step[]>>> = {
  proposed: ["accept", "decline"],
  planned: ["accept", "decline"],
  accepted: ["begin", "give_up"],
  active: ["pause", "finish", "give_up"],
  "on-hold": ["resume", "finish", "give_up"],
};

const TO: Readonly<Record<Step, Goal["lifecycle_status"]>> = {
  accept: "accepted",
  decline: "rejected",
  begin: "active",
  pause: "on-hold",
  resume: "active",
  finish: "completed",
  give_up: "cancelled",
};

/** The steps that lead on from here; none while one that was taken waits to be sent: the record does not know of it yet. */
export function stepsOf(goal: Goal, unsent: readonly Unsent[]): readonly Step[] {
  return waitsFor(goal.id, unsent) ? [] : (STEPS[goal.lifecycle_status] ?? []);
}

/** Whether a step or another wording of this goal was kept here and not settled. */
export function waitsFor(goalId: string, unsent: readonly Unsent[]): boolean {
  return unsent.some((one) => (one.kind === "goal_status" || one.kind === "goal_wording") && one.body.goal_id === goalId && one.state !== "refused");
}

/** A step as it is sent, with the version of the goal that its owner had before them. */
export function statusOf(goal: Goal, step: Step, said: { readonly note: string; readonly achieved: boolean | null }): Status {
  const note = said.note.trim();
  return {
    goal_id: goal.id,
    lifecycle_status: TO[step],
    ...(step === "finish" && { achievement_status: said.achieved === true ? "achieved" : "not-achieved" }),
    ...(note !== "" && { note }),
    seen_version: goal.version,
  };
}

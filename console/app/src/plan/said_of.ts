/** What was said last of a version of a plan, whether or not it was sent, and whether it is still to be said. Pure. */
import type { ActionPlan, Unsent } from "../store/things.ts";

/** What a clinician answered to a question, and when. */
export interface Answered {
  readonly note: string;
  readonly at: string;
}

export interface Said {
  readonly answer: "understood" | "question";
  readonly note: string | null;
  readonly at: string;
  readonly isOwn: boolean;
  readonly isSent: boolean;
}

/** The last of it; null when nobody said anything of this version. What was refused was not said, as far as the record goes. */
export function saidOf({ id, acknowledgements }: ActionPlan, unsent: readonly Unsent[]): Said | null {
  // The API tells last what was said first: of two in one second, the order tells which came after.
  const sent = acknowledgements.toReversed().map(({ answer, note, said_at, recorded_as }): Said => ({ answer, note, at: said_at, isOwn: recorded_as === "patient", isSent: true }));
  const kept = unsent.flatMap((one): Said[] => {
    if (one.kind !== "plan_acknowledgement" || one.body.plan_id !== id || one.state === "refused") return [];
    return [{ answer: one.body.answer, note: one.body.note ?? null, at: one.body.said_at, isOwn: true, isSent: false }];
  });
  return [...sent, ...kept].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).at(-1) ?? null;
}

/** Of a copy that was kept before answers were told, none is known: it comes with the plan's next edition. */
function answeredOf({ answered }: Pick<ActionPlan["acknowledgements"][number], "answered">): Answered | null {
  return answered == null ? null : { note: answered.note, at: answered.answered_at };
}

export interface AnsweredQuestion extends Answered {
  /** Of the question. */
  readonly id: string;
  readonly question: string | null;
}

/** The questions about a version that were answered, and those about its earlier ones that were since it came; the latest first. */
export function answersOf(plan: ActionPlan, plans: ReadonlyMap<string, ActionPlan>): readonly AnsweredQuestion[] {
  const found = answersOfOne(plan);
  for (let before = earlier(plan, plans); before !== undefined; before = earlier(before, plans)) {
    found.push(...answersOfOne(before).filter(({ at }) => Date.parse(at) > Date.parse(plan.published_at)));
  }
  return found.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

function earlier({ supersedes_id: id }: ActionPlan, plans: ReadonlyMap<string, ActionPlan>): ActionPlan | undefined {
  return id === null ? undefined : plans.get(id);
}

function answersOfOne({ acknowledgements }: ActionPlan): AnsweredQuestion[] {
  return acknowledgements.flatMap((one) => {
    const answered = answeredOf(one);
    return answered === null ? [] : [{ ...answered, id: one.id, question: one.note }];
  });
}

/** Whether it waits for somebody to say that they understand it: with what this phone has not sent yet. */
export function isToBeSaid(plan: ActionPlan, unsent: readonly Unsent[]): boolean {
  const said = saidOf(plan, unsent);
  return said === null || said.isSent ? plan.to_be_acknowledged : said.answer === "question";
}

/**
 * A goal's progress as far as it may be shown: as the API worked it out, if that is not older than a day and everything that this
 * phone holds of it is in it, what is unsent too. A figure that readings have overtaken would look like the present. Pure.
 */
import { ageOf, OLD_MS } from "../store/ages.ts";
import type { Copy, Mark } from "../store/copy.ts";
import type { Goal, Unsent } from "../store/things.ts";
import type { Progress } from "./words_of.ts";

export interface Known {
  readonly copy: Pick<Copy, "observations" | "completions" | "actionPlans">;
  readonly unsent: readonly Unsent[];
  readonly mark: Mark | null;
  /** This phone's clock: milliseconds since the epoch. */
  readonly now: number;
}

/** The progress of a goal; null where there is none, and where it may not be said any more. */
export function progressNow(goal: Goal, known: Known): Progress | null {
  const { progress, target } = goal;
  if (progress === null || target === null) return null;
  const at = Date.parse(progress.as_of);
  // One that was completed stands as on its last day, and is told again when something of before changes.
  const isOver = goal.lifecycle_status === "completed";
  if (!isOver && isOlderThanADay(at, known)) return null;
  const bears = target.sign === null ? stepsTowards(goal, known) : readingsOf(target.sign, known);
  // Of which sign or step it was is not looked for: until it is sent, no figure is better than one with what counts no more.
  const of = target.sign === null ? "completion" : "reading";
  if (known.unsent.some((one) => one.kind === "retraction" && one.state !== "refused" && one.body.of === of)) return null;
  const isOvertaken = bears.some((one) => (isOver ? one.recordedAt === null && one.at <= at : one.recordedAt === null || one.recordedAt > at || one.at > at));
  return isOvertaken ? null : progress;
}

function isOlderThanADay(at: number, { mark, now }: Known): boolean {
  const age = mark === null ? null : ageOf(mark, now);
  // By the API's clock: this phone's may go wrong, and only how long it went on since is taken from it.
  return mark === null || age === null || Date.parse(mark.asOf) + age - at > OLD_MS;
}

/** Something that a progress is worked out from: when it was, and when the API recorded it (null: it has not). */
interface Bears {
  readonly at: number;
  readonly recordedAt: number | null;
}

function readingsOf(sign: string, { copy: { observations }, unsent }: Known): Bears[] {
  const held = [...observations.values()].filter((one) => one.sign === sign);
  const names = new Set(held.map(({ client_id }) => client_id));
  return [
    ...held.map((one) => ({ at: Date.parse(one.effective_at), recordedAt: Date.parse(one.received_at) })),
    ...unsent.flatMap((one) =>
      one.kind === "reading" && one.state !== "refused" && one.body.sign === sign && !names.has(one.body.client_id) ? [{ at: Date.parse(one.body.effective_at), recordedAt: null }] : [],
    ),
  ];
}

function stepsTowards({ id }: Goal, { copy: { completions, actionPlans }, unsent }: Known): Bears[] {
  const actions = new Set([...actionPlans.values()].flatMap(({ actions, goal_ids }) => actions.filter((action) => goal_ids.includes(id) || action.goal_ids.includes(id)).map((action) => action.id)));
  const held = [...completions.values()].filter(({ action_id }) => actions.has(action_id));
  const names = new Set(held.map(({ client_id }) => client_id));
  return [
    ...held.map((one) => ({ at: Date.parse(one.done_at), recordedAt: Date.parse(one.recorded_at) })),
    ...unsent.flatMap((one) =>
      one.kind === "completion" && one.state !== "refused" && actions.has(one.body.action_id) && !names.has(one.body.client_id) ? [{ at: Date.parse(one.body.done_at), recordedAt: null }] : [],
    ),
  ];
}

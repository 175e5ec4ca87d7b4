/**
 * One round of settling with the API, as pure rules: what was done is sent first, in its order and in batches, and then it is
 * asked what changed, page by page (docs/offline.md). Knows no network, no clock and no database.
 */
import { isUrgent } from "../questions/urgent.ts";
import { takesBack, type Changes, type Unsent, type Verdict } from "../store/things.ts";

/** The API takes no more at once. */
export const MOST_SENT = 200;
/** Servers that do not agree on how far a copy goes (an upgrade is under way) begin it anew by turns: so often in a round, no more. */
const MOST_BEGUN = 3;

/** How far a round has got. */
export interface Round {
  /** What got an answer in this round: a thing that was put off is not asked about again at once. */
  readonly tried: ReadonlySet<string>;
  /** How many are sent at once: fewer after the API found them too many together. */
  readonly most: number;
  /** Whether all that changed was told, or no more is asked for in this round. */
  readonly isTold: boolean;
  /** How often the copy was begun anew. */
  readonly begun: number;
}

export type Step = { readonly do: "send"; readonly items: readonly Unsent[] } | { readonly do: "ask" } | { readonly do: "rest" };

export const NEW_ROUND: Round = { tried: new Set(), most: MOST_SENT, isTold: false, begun: 0 };

/** What to do next, of what is unsent and how far the round has got: what cannot wait goes before all else. */
export function nextStep(unsent: readonly Unsent[], round: Round): Step {
  const tried = unsent.filter(({ item }) => round.tried.has(item));
  const due = unsent.filter((one) => isDue(one) && !round.tried.has(one.item) && !isHeldBack(one, tried));
  // What is taken back goes last: by a clock that was put right meanwhile it may have been done before the thing itself.
  const first = due.toSorted((one, other) => placeOf(one) - placeOf(other));
  if (first.length > 0) return { do: "send", items: first.slice(0, round.most) };
  return round.isTold ? { do: "rest" } : { do: "ask" };
}

function placeOf(one: Unsent): number {
  if (isUrgent(one)) return 0;
  return one.kind === "retraction" ? 2 : 1;
}

/** Whether it waits for the API, not for its owner. What was under way when a page ended got no answer: it is sent again. */
export function isDue({ state }: Unsent): boolean {
  return state === "waiting" || state === "sending" || state === "later";
}

/** Whether it takes back a thing that is to be sent before it: the API would not know yet what is meant. */
export function isHeldBack(one: Unsent, before: readonly Unsent[]): boolean {
  return one.kind === "retraction" && before.some((other) => isDue(other) && takesBack(one, other));
}

export interface Judged {
  /** With what was said of each. */
  readonly changed: readonly Unsent[];
  /** Those that stand in the record. */
  readonly settled: readonly string[];
  readonly safety: readonly NonNullable<Verdict["safety"]>[];
}

/** What the verdicts make of a batch. One without a verdict stays as it was: no answer is no verdict. */
export function judged(batch: readonly Unsent[], verdicts: readonly Verdict[]): Judged {
  const byPlace = new Map(verdicts.map((verdict) => [verdict.index, verdict]));
  const changed: Unsent[] = [];
  const settled: string[] = [];
  const safety: NonNullable<Verdict["safety"]>[] = [];
  batch.forEach((one, place) => {
    const verdict = byPlace.get(place);
    if (verdict === undefined || (verdict.item !== null && verdict.item !== one.item)) return;
    if (verdict.safety !== null) safety.push(verdict.safety);
    if (verdict.outcome === "kept") settled.push(one.item);
    else changed.push({ ...one, state: verdict.outcome, verdict });
  });
  return { changed, settled, safety };
}

/**
 * Without what has nothing left to be decided: its owner took back what the API did not keep, and so there is nothing to take back.
 * Both are settled; asked about each, they could only say once more that they do not want it.
 */
export function withoutVain({ changed, settled, safety }: Judged, unsent: ReadonlyMap<string, Unsent>): Judged {
  const after = new Map(unsent);
  for (const one of changed) after.set(one.item, one);
  const vain = changed.flatMap((one) => {
    if (one.kind !== "retraction" || one.verdict?.problem !== "/problems/not-found") return [];
    const ofIt = [...after.values()].filter((other) => !isDue(other) && takesBack(one, other));
    // Answers that cannot wait, and that nobody has seen, are not put away by that.
    return ofIt.length === 0 || ofIt.some(isUrgent) ? [] : [one.item, ...ofIt.map(({ item }) => item)];
  });
  return { changed: changed.filter(({ item }) => !vain.includes(item)), settled: [...settled, ...vain], safety };
}

/** The round after a batch was answered: each of it has had its turn. */
export function afterVerdicts(round: Round, batch: readonly Unsent[]): Round {
  return { ...round, tried: new Set([...round.tried, ...batch.map(({ item }) => item)]), isTold: false };
}

/** The round after a batch was refused as a whole: smaller ones find the thing that does it. Null for a batch of one. */
export function afterRefusal(round: Round, batch: readonly Unsent[]): Round | null {
  return batch.length > 1 ? { ...round, most: Math.ceil(batch.length / 2) } : null;
}

/** The round after a page of changes. */
export function afterPage(round: Round, { more, reset }: Pick<Changes, "more" | "reset">): Round {
  const begun = round.begun + Number(reset);
  return { ...round, begun, isTold: !more || begun > MOST_BEGUN };
}

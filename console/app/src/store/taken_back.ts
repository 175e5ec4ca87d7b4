/**
 * What its owner took back and what is not settled yet: it counts no more, at once and without a network, whether it is in the copy or
 * waits to be sent itself. When the API says no, it stands again as it was. Pure.
 */
import { isDue } from "../sync/rounds.ts";
import { asOnePage, NOTHING, type Held, type Told } from "./copy.ts";
import { takesBack, type Retraction, type Takeable, type Unsent } from "./things.ts";

/** In which part of the copy each of them stands. */
const PART = { reading: "observations", completion: "completions", diary_entry: "diaryEntries", questionnaire_response: "responses" } as const satisfies Record<Takeable, keyof Held>;

/** A thing of the copy, as a retraction may name it. */
interface Named {
  readonly id: string;
  readonly client_id: string | null;
}

/** Those that hold: of one that was refused, or that the record contradicts, the thing stands. */
export function retractionsIn(unsent: Iterable<Unsent>): readonly Retraction[] {
  return [...unsent].filter((one) => one.kind === "retraction" && isDue(one)) as Retraction[];
}

/** The copy without what is taken back. */
export function withoutTakenBack<T extends Held>(held: T, retractions: readonly Retraction[]): T {
  return (Object.keys(PART) as Takeable[]).reduce<T>((left, of) => {
    const own = retractions.filter(({ body }) => body.of === of);
    if (own.length === 0) return left;
    const part = [...(held[PART[of]] as ReadonlyMap<string, Named>)];
    return { ...left, [PART[of]]: new Map(part.filter(([, one]) => !own.some((retraction) => names(retraction, one)))) };
  }, held);
}

/** What counts of a copy, of which copy and by which retractions. */
export interface Counted {
  readonly of: Held;
  readonly by: string;
  readonly held: Held;
}

/** What counts of a copy; of each part that is as it was before, the same object: pages ask anew when one is another. */
export function countedIn(of: Held, retractions: readonly Retraction[], before: Counted): Counted {
  const by = retractions.map(({ item }) => item).join(" ");
  if (before.of === of && before.by === by) return before;
  const held = withoutTakenBack(of, retractions);
  const same = before.by === by ? Object.values(PART).filter((part) => before.of[part] === of[part]) : [];
  return { of, by, held: { ...held, ...Object.fromEntries(same.map((part) => [part, before.held[part]])) } };
}

/** What is not sent, without what is taken back; that it is taken back stays. */
export function unsentWithout(unsent: readonly Unsent[], retractions: readonly Retraction[]): readonly Unsent[] {
  if (retractions.length === 0) return unsent;
  return unsent.filter((one) => !retractions.some((retraction) => takesBack(retraction, one)));
}

/** In which words the API tells that one of them is gone. */
const TOLD_AS = { reading: "observation", completion: "completion", diary_entry: "diary_entry", questionnaire_response: "questionnaire_response" } as const satisfies Record<Takeable, Told["gone"][number]["thing"]>;

/** The page of changes that takes out of a copy what is taken back; null where none of it is there. */
export function pageWithout(held: Held, retractions: readonly Retraction[]): Told | null {
  const gone = retractions.flatMap((retraction) => {
    const { of } = retraction.body;
    const found = inCopy(retraction, of, held);
    return found === null ? [] : [{ thing: TOLD_AS[of], id: found.id }];
  });
  return gone.length === 0 ? null : { ...asOnePage(NOTHING), reset: false, gone };
}

/** The thing of the copy that is taken back; null where it is not there. */
export function inCopy<T extends Takeable>(retraction: Retraction, of: T, held: Held): HeldThing<T> | null {
  if (retraction.body.of !== of) return null;
  const found = [...(held[PART[of]] as ReadonlyMap<string, Named>).values()].find((one) => names(retraction, one));
  return (found as HeldThing<T> | undefined) ?? null;
}

type HeldThing<T extends Takeable> = Held[(typeof PART)[T]] extends ReadonlyMap<string, infer Thing> ? Thing : never;

function names({ body }: Retraction, { id, client_id }: Named): boolean {
  return body.id == null ? body.client_id === client_id : body.id === id;
}

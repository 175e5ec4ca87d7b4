/** What stands in a form for a reading, from the first letter to the answer: pure steps. Knows no page and sends nothing. */
import type { FieldError } from "../components/error_summary.tsx";
import type { VitalSign } from "../api/types.ts";
import { EMPTY, type Draft } from "./draft.ts";
import type { Sent, Stands } from "./sending.ts";
import type { Hint, Offer } from "./units.ts";

export type Stage = { at: "form" } | { at: "confirm"; hint: Hint | null } | { at: "recorded"; stands: Stands | null };

/** A unit taken over by a button, and the field to be looked at again. */
export interface Taken {
  readonly field: string;
  readonly words: string;
}

export interface Entry {
  readonly draft: Draft;
  readonly stage: Stage;
  readonly errors: readonly FieldError[];
  /** The unit that the reading was likely measured in, when the API said so. */
  readonly offer: Offer | null;
  readonly taken: Taken | null;
  readonly reference: string | null;
}

/** A form that begins with this. */
export function entryOf(draft: Draft = EMPTY): Entry {
  return { draft, stage: { at: "form" }, errors: [], offer: null, taken: null, reference: null };
}

/** What was said is of fields that are there no longer. */
export function unsaid(entry: Entry): Entry {
  return { ...entry, errors: [], reference: null };
}

export function changed(entry: Entry, change: Partial<Draft>): Entry {
  const draft = { ...entry.draft, ...change };
  const still = draft.sign === entry.draft.sign ? entry : unsaid(entry);
  // What was offered was for the unit and the number as they were.
  return { ...still, draft, offer: null, taken: null };
}

export function unitTaken(entry: Entry, offer: Offer, sign: VitalSign | undefined): Entry {
  const field = sign?.shape === "pair" ? "systolic" : "value";
  return { ...changed(entry, { unit: offer.ucum }), stage: { at: "form" }, errors: [], taken: { field, words: offer.words } };
}

/** After a look at what is typed, before anything is sent. */
export function judged(entry: Entry, faults: readonly FieldError[]): Entry {
  return { ...entry, errors: faults, offer: null };
}

export function answered(entry: Entry, sent: Sent): Entry {
  if (sent.result === "recorded") return { ...entry, reference: null, stage: { at: "recorded", stands: sent.stands } };
  if (sent.result === "confirm") return { ...entry, reference: null, stage: { at: "confirm", hint: sent.hint } };
  return { ...entry, stage: { at: "form" }, errors: sent.errors, offer: sent.hint?.offer ?? null, reference: sent.reference };
}

/** Back from the question to the form, with what was typed. */
export function reopened(entry: Entry): Entry {
  return { ...entry, stage: { at: "form" } };
}

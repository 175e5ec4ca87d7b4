/** Words for who may act for somebody, by what right, and where it stands. Plain, and in the voice of whoever reads. Pure. */
import type { Delegate, Scope } from "../api/types.ts";
import { dateAndTime } from "./times.ts";

/** Whose record is spoken of: the reader's own, or somebody's, by name. */
export type Whose = { readonly own: true } | { readonly own: false; readonly name: string };

export const OWN: Whose = { own: true };

/** "your", "Rose Hill's". */
export function possessive(whose: Whose): string {
  return whose.own ? "your" : `${whose.name}'s`;
}

/** "you", "Rose Hill". */
export function person(whose: Whose): string {
  return whose.own ? "you" : whose.name;
}

export function capital(words: string): string {
  return words.charAt(0).toLocaleUpperCase("en-GB") + words.slice(1);
}

/**
 * What somebody may be given, in the order in which it is offered. Nobody can give the right to decide: the law does. To write
 * to the care team is not offered as long as there are no messages, though the API knows the scope.
 */
export const GIVEN_SCOPES: readonly { scope: Scope; words: string; hint: string }[] = [
  { scope: "read", words: "See my record", hint: "They see what you see: your readings, goals and action plan." },
  {
    scope: "record",
    words: "Add readings for me",
    hint: "They can send readings in your name and say that a step of your plan was done. With this alone they see nothing of your record.",
  },
];

const SCOPES: Record<Scope, string> = {
  read: "see the record",
  record: "add readings",
  message: "write to the care team",
  decide: "decide who the record is shared with",
};

const SCOPE_ORDER: readonly Scope[] = ["read", "record", "message", "decide"];

/** "see the record and add readings", within a sentence. */
export function abilities(scopes: readonly Scope[]): string {
  const words = SCOPE_ORDER.filter((scope) => scopes.includes(scope)).map((scope) => SCOPES[scope]);
  const last = words.pop() ?? "do nothing";
  return words.length === 0 ? last : `${words.join(", ")} and ${last}`;
}

/** "See the record and add readings". */
export function scopesInWords(scopes: readonly Scope[]): string {
  return capital(abilities(scopes));
}

export const RELATIONSHIPS: Record<Delegate["relationship"], string> = {
  parent: "Parent",
  partner: "Husband, wife or partner",
  family: "Family",
  friend: "Friend",
  carer: "Carer",
  attorney: "Attorney",
  deputy: "Deputy",
  other: "Somebody else",
};

/** Whom a person can choose: attorneys and deputies are appointed by law, and recorded by the practice. */
export const CHOSEN_RELATIONSHIPS: readonly Delegate["relationship"][] = ["partner", "family", "friend", "carer", "parent", "other"];

/** By what right somebody acts. */
export function groundInWords(ground: Delegate["ground"], whose: Whose): string {
  switch (ground) {
    case "consent":
      return whose.own ? "You chose them" : `${whose.name} chose them`;
    case "parental_responsibility":
      return "By law: parental responsibility, until the sixteenth birthday at the latest";
    case "lasting_power_of_attorney":
      return "By law: a lasting power of attorney for health and welfare";
    case "court_deputy":
      return "By law: appointed by the Court of Protection";
    case "best_interests":
      return "By law: in the person's best interests, without deciding anything for them";
  }
}

/** Where it stands, as a tag says it. */
export const STATES: Record<Delegate["state"], { words: string; colour: "green" | "blue" | "grey" | "yellow" }> = {
  active: { words: "Has access", colour: "green" },
  offered: { words: "Code not used yet", colour: "yellow" },
  not_yet: { words: "Begins later", colour: "blue" },
  not_accepted: { words: "Code expired", colour: "grey" },
  over: { words: "Finished", colour: "grey" },
  ended: { words: "Ended", colour: "grey" },
};

/** Whether it still gives access, will, or can be taken up. */
export function isOpen({ state }: Pick<Delegate, "state">): boolean {
  return state === "active" || state === "offered" || state === "not_yet";
}

const ENDS: Record<NonNullable<Delegate["end_reason"]>, string> = {
  no_longer_wanted: "It was no longer wanted",
  relationship_ended: "The relationship had ended",
  capacity_regained: "The person can decide for themselves again",
  safeguarding: "To keep the person safe",
  delegate_left: "They chose to stop",
  consent_withdrawn: "Consent to let others act was withdrawn",
  replaced: "A newer code took its place",
};

/** Why and when it ended; null for what goes on. */
export function endInWords({ state, ended_at, until_at, end_reason }: Delegate): string | null {
  if (state === "ended" && ended_at !== null) {
    return `${end_reason === null ? "Ended" : ENDS[end_reason]}, ${dateAndTime(ended_at)}`;
  }
  if (state === "over" && until_at !== null) return `It ended as planned, ${dateAndTime(until_at)}`;
  return null;
}

/** "From 3 Mar 2026, 14:03 until 4 Apr 2026, 00:00"; without an end "until it is ended". */
export function spanInWords({ from_at, until_at }: { from_at: string; until_at: string | null }): string {
  return `From ${dateAndTime(from_at)} ${until_at === null ? "until it is ended" : `until ${dateAndTime(until_at)}`}`;
}

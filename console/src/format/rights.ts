/** Words for copies of a record and for what people ask of it. Pure. */
import type { Account, OwnExport, RightsAnswer, RightsRequest } from "../api/types.ts";
import { calendarDate, dateAndTime } from "./times.ts";

/** Whether a worker is still to do something: the page then asks again. */
export function isUnderWay({ state }: Pick<OwnExport, "state">): boolean {
  return state === "waiting" || state === "working";
}

/** Whether another copy may be asked for: one at a time. */
export function blocksAnother({ state }: Pick<OwnExport, "state">): boolean {
  return state === "waiting" || state === "working" || state === "ready";
}

export function exportInWords({ state, done, sections, ended_at, expires_at }: OwnExport): string {
  switch (state) {
    case "waiting":
      return "Waiting to be made. This takes a few minutes.";
    case "working":
      return `Being made: ${done} of ${sections} parts are gathered.`;
    case "ready":
      return `Ready${expires_at === null ? "" : ` until ${dateAndTime(expires_at)}`}. It can be fetched once, and is then deleted here.`;
    case "handed_over":
      return `Fetched${ended_at === null ? "" : ` ${dateAndTime(ended_at)}`}, and deleted here.`;
    case "expired":
      return "Nobody fetched it within a day, so it was deleted.";
    case "failed":
      return "It could not be made. Ask for another one; if that fails too, tell your practice.";
  }
}

export type Kind = RightsRequest["kind"];

export const KINDS: readonly { value: Kind; words: string; hint: string }[] = [
  { value: "correction", words: "Put something right", hint: "Something in my record is wrong or incomplete. Those who care for you see that you asked; your practice reads what you write." },
  {
    value: "erasure",
    words: "Erase something",
    hint: "A health record is kept by law. Your practice says what can be erased, what cannot, and why.",
  },
  {
    value: "restriction",
    words: "Limit how something is used",
    hint: "For instance while you wait for it to be put right. To stop care teams and care homes seeing your record at once, use Your choices.",
  },
  {
    value: "close_account",
    words: "Close my account",
    hint: "Your name, address and ways of signing in are erased. Your health record stays with your practice.",
  },
];

export function kindInWords(kind: Kind): string {
  return KINDS.find(({ value }) => value === kind)?.words ?? kind;
}

/** Where a request stands. */
export function standingInWords({ decision, answer_due_on, decided_at, withdrawn_at }: RightsRequest): string {
  if (withdrawn_at !== null) return `Taken back, ${calendarDate(withdrawn_at)}`;
  const on = decided_at === null ? "" : `, ${calendarDate(decided_at)}`;
  switch (decision) {
    case null:
      return `Your practice answers by ${calendarDate(answer_due_on)}`;
    case "granted":
      return `Done as you asked${on}`;
    case "partly":
      return `Done in part${on}`;
    case "refused":
      return `Not done${on}`;
  }
}

/** Whether it waits for an answer. */
export function isOpen({ decision, withdrawn_at }: RightsRequest): boolean {
  return decision === null && withdrawn_at === null;
}

/** Whether it stands at the head of the record: a correction that was not, or not all, made, until the person takes it back. */
export function isDisputed({ kind, decision, withdrawn_at }: RightsRequest): boolean {
  return kind === "correction" && decision !== "granted" && withdrawn_at === null;
}

export type Decision = NonNullable<RightsRequest["decision"]>;

const DECISIONS: readonly { value: Decision; words: string; hint: string }[] = [
  { value: "granted", words: "Done as asked", hint: "" },
  { value: "partly", words: "Done in part", hint: "Say which part, and on which ground the rest is kept." },
  { value: "refused", words: "Not done", hint: "Say why, and on which ground." },
];

const WHEN_GRANTED: Record<Kind, string> = {
  correction: "Put it right in the record first; this only answers.",
  erasure: "",
  restriction:
    "From then on care teams and care homes no longer see the record, and the patient is counted nowhere. " +
    "The practice, whoever acts for the patient, and a clinician in an emergency still see it.",
  close_account: "The account is closed at once, and cannot be opened again.",
};

const CANNOT_BE: Partial<Record<Kind, Decision>> = { erasure: "granted", close_account: "partly" };

/** What can be answered: a health record is not erased on request, and an account is closed or it is not. */
export function decisionsFor(kind: Kind): readonly { value: Decision; words: string; hint: string }[] {
  return DECISIONS.filter(({ value }) => CANNOT_BE[kind] !== value).map((each) =>
    each.value === "granted" ? { ...each, hint: WHEN_GRANTED[kind] } : each,
  );
}

export type Ground = NonNullable<RightsAnswer["ground"]>;

/** By what name whoever answers chooses a ground; the patient is told the API's own words, with their source. */
export const GROUNDS: Record<Ground, string> = {
  record_is_accurate: "The record is accurate",
  care_record_is_kept: "A health record is kept",
  who_looked_is_kept: "The list of who looked is kept",
  legal_claims: "It is needed for a claim in law",
  treatment_needs_it: "Safe treatment needs it",
  rights_of_others: "It is about somebody else as well",
};

/** Which grounds the law has for what was asked: the API takes no other. */
const GROUNDS_OF: Record<Kind, readonly Ground[]> = {
  correction: ["record_is_accurate", "legal_claims"],
  erasure: ["care_record_is_kept", "who_looked_is_kept", "legal_claims"],
  restriction: ["treatment_needs_it", "legal_claims", "rights_of_others"],
  close_account: ["legal_claims"],
};

export function groundsFor(kind: Kind): readonly { value: Ground; words: string }[] {
  return GROUNDS_OF[kind].map((value) => ({ value, words: GROUNDS[value] }));
}

export interface AnswerDraft {
  readonly decision: Decision | "";
  readonly ground: Ground | "";
  readonly words: string;
}

/** What is sent of an answer; the faults of one that cannot be. A ground that was chosen and is not needed is left out. */
export function answerOf({ decision, ground, words }: AnswerDraft): RightsAnswer | { missing: ("decision" | "ground" | "words")[] } {
  const less = decision === "partly" || decision === "refused";
  const missing = [
    ...(decision === "" ? (["decision"] as const) : []),
    ...(less && ground === "" ? (["ground"] as const) : []),
    ...(words.trim() === "" ? (["words"] as const) : []),
  ];
  if (decision === "" || missing.length > 0) return { missing };
  return { decision, answer: words.trim(), ground: less && ground !== "" ? ground : null };
}

/** Only a clinician of the practice closes an account; whoever answers for privacy there answers the rest. */
export function mayAnswer({ kind, practice_id: practice }: Pick<RightsRequest, "kind" | "practice_id">, { roles }: Pick<Account, "roles">): boolean {
  return kind !== "close_account" || roles.some(({ role, organisation }) => role === "clinician" && organisation.id === practice);
}

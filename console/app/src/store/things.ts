/** What a phone keeps of its owner's record, and what its owner does meanwhile. The API's shapes; nothing is written by hand. */
import type { components } from "#console/api/schema.gen.ts";

type Schemas = components["schemas"];

export type Patient = Schemas["PatientOut"];
export type Observation = Schemas["ObservationOut"];
export type Goal = Schemas["GoalOut"];
export type ActionPlan = Schemas["ActionPlanOut"];
export type CarePlan = Schemas["CarePlanOut"];
export type Pause = Schemas["PauseOut"];
export type Completion = Schemas["CompletionOut"];
export type DiaryEntry = Schemas["DiaryEntryOut"];
export type QuestionnaireResponse = Schemas["QuestionnaireResponseOut"];
export type OwnAlert = Schemas["AlertTodayOut"];
export type StatedBest = Schemas["StatedBestOut"];
export type Changes = Schemas["ChangesOut"];
export type Sent = Schemas["SentIn"];
export type Sending = Schemas["SendingIn"];
export type Verdict = Schemas["SentOut"];
export type Safety = NonNullable<Verdict["safety"]>;

/** What can be done without a network, each under its name in POST /v1/me/changes. */
export type Kind = Exclude<keyof Sent, "item">;

/** One thing that somebody did, as it is sent. */
export type Thing = { [K in Kind]: { readonly kind: K; readonly body: NonNullable<Sent[K]> } }[Kind];

/** waiting: not tried yet, or nobody answered; sending: under way; the others: what the API said (docs/offline.md). */
export type UnsentState = "waiting" | "sending" | "later" | "conflict" | "refused";

/** A thing that was done and is not settled. */
export type Unsent = Thing & {
  /** This phone's own name for it, for good. */
  readonly item: string;
  /** When it was kept here, by this phone's clock: milliseconds since the epoch. */
  readonly keptAt: number;
  readonly state: UnsentState;
  /** What the API said of it last; null when it said nothing yet. */
  readonly verdict: Verdict | null;
};

/** That something was taken back, and why. */
export type Retraction = Extract<Unsent, { readonly kind: "retraction" }>;
export type Takeable = Retraction["body"]["of"];

/** The sender's own name for a thing: things that are recorded in the console have none, nothing here is without one. */
export function nameOf({ body, item }: Unsent): string {
  return ("client_id" in body ? body.client_id : null) ?? item;
}

/** Whether it is this thing, which is not settled itself, that is taken back. */
export function takesBack({ body }: Retraction, one: Unsent): boolean {
  return one.kind === body.of && body.id == null && nameOf(one) === body.client_id;
}

/** What its owner decides of a thing that was refused or is in conflict: give it up, or send it again, as it is or changed. */
export type Decision = { readonly do: "drop" } | { readonly do: "send"; readonly body: Thing["body"] };

/** The thing as POST /v1/me/changes takes it. */
export function sentOf(unsent: Unsent): Sent {
  return { item: unsent.item, [unsent.kind]: unsent.body };
}

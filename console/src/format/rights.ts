/** Words for copies of a record and for what people ask of it. Pure. */
import type { OwnExport, RightsRequest } from "../api/types.ts";
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
  { value: "correction", words: "Put something right", hint: "Something in my record is wrong or incomplete." },
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
export function standingInWords({ decision, answer_due_on, decided_at }: RightsRequest): string {
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

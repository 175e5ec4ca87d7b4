/** Breaking the glass, as it is typed in and as it is read: reasons in words, what is missing, how long is left. Pure. */
import type { BreakGlassBody, EmergencyAccess, PrivacyAlert } from "../api/types.ts";
import type { FieldError } from "../components/error_summary.tsx";
import { isoDate, NO_DATE, type TypedDate } from "./date_entry.ts";
import { dateAndTime } from "./times.ts";

export type ReasonCode = BreakGlassBody["reason_code"];

export const REASONS: readonly { value: ReasonCode; words: string; hint: string }[] = [
  { value: "emergency", words: "Emergency", hint: "Life or health is in danger now." },
  { value: "urgent_care", words: "Urgent care", hint: "They need care today, and you need to know what is in the record." },
  { value: "safeguarding", words: "Safeguarding", hint: "A child or an adult at risk must be kept safe." },
  { value: "patient_asked", words: "The patient asked", hint: "They are with you and want you to look." },
];

export function reasonInWords(code: ReasonCode): string {
  return REASONS.find(({ value }) => value === code)?.words ?? code;
}

/** "Emergency: found unconscious" of "emergency: found unconscious", as the access log keeps both. */
export function loggedReasonInWords(reason: string): string {
  const found = REASONS.find(({ value }) => reason.startsWith(`${value}: `));
  return found === undefined ? reason : `${found.words}: ${reason.slice(found.value.length + 2)}`;
}

/** Until when a record was, or is, open to whoever opened it; that they closed it before its time, when they did. */
export function untilInWords({ until_at, ended_at }: Pick<EmergencyAccess, "until_at" | "ended_at">): string {
  return ended_at === null ? dateAndTime(until_at) : `${dateAndTime(ended_at)}, when they closed it`;
}

export interface Draft {
  readonly nhsNumber: string;
  readonly born: TypedDate;
  readonly reasonCode: ReasonCode | "";
  readonly reason: string;
  readonly hours: number;
}

/** The API's own limits. */
export const MOST_HOURS = 4;
const LEAST_REASON = 10;
export const MOST_REASON = 1_000;

export const EMPTY: Draft = { nhsNumber: "", born: NO_DATE, reasonCode: "", reason: "", hours: 1 };

export const FIELDS = { "/nhs_number": "nhs-number", "/born_on": "born", "/reason_code": "reason-code", "/reason": "reason", "/hours": "hours" };

export function faultsOf(draft: Draft): FieldError[] {
  const faults: FieldError[] = [];
  const digits = draft.nhsNumber.replaceAll(/[\s-]/g, "");
  if (!/^\d{10}$/.test(digits)) faults.push({ field: "nhs-number", message: "Enter the NHS number: 10 digits" });
  if (isoDate(draft.born) === null) faults.push({ field: "born", message: "Enter the date of birth, such as 29 2 1940" });
  if (draft.reasonCode === "") faults.push({ field: "reason-code", message: "Choose why you need the record" });
  if (draft.reason.trim().length < LEAST_REASON) {
    faults.push({ field: "reason", message: `Say in your own words why you need it: at least ${LEAST_REASON} characters` });
  }
  return faults;
}

/** What is sent of a draft without faults; null while it has some. */
export function toSend(draft: Draft): BreakGlassBody | null {
  const born = isoDate(draft.born);
  if (born === null || draft.reasonCode === "") return null;
  return {
    nhs_number: draft.nhsNumber.replaceAll(/[\s-]/g, ""),
    born_on: born,
    reason_code: draft.reasonCode,
    reason: draft.reason.trim(),
    hours: draft.hours,
  };
}

const MINUTE_MS = 60_000;

/** "2 hours 10 minutes left", "4 minutes left", "less than a minute left": never more than there is. */
export function leftInWords(ms: number): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  if (minutes < 1) return "less than a minute left";
  const hours = Math.floor(minutes / 60);
  const parts = [hours > 0 ? counted(hours, "hour") : "", minutes % 60 > 0 ? counted(minutes % 60, "minute") : ""];
  return `${parts.filter((part) => part !== "").join(" ")} left`;
}

function counted(amount: number, unit: string): string {
  return amount === 1 ? `1 ${unit}` : `${amount} ${unit}s`;
}

export const OUTCOMES: readonly { value: Exclude<PrivacyAlert["state"], "open">; words: string; hint: string }[] = [
  { value: "upheld", words: "There was good reason", hint: "It is closed." },
  { value: "reviewed", words: "Looked into and dealt with", hint: "It was not as it should have been, and that has been dealt with. It is closed." },
  { value: "escalated", words: "Passed on", hint: "Somebody else must look into it. It stays open until they have." },
];

export const ALERT_STATES: Record<PrivacyAlert["state"], { words: string; colour: "red" | "green" | "blue" | "orange" }> = {
  open: { words: "To be looked into", colour: "red" },
  upheld: { words: "There was good reason", colour: "green" },
  reviewed: { words: "Dealt with", colour: "blue" },
  escalated: { words: "Passed on", colour: "orange" },
};

/** What an alert can become: what was decided stays. */
export function outcomesFor(state: PrivacyAlert["state"]): typeof OUTCOMES {
  if (state === "open") return OUTCOMES;
  return state === "escalated" ? OUTCOMES.filter(({ value }) => value !== "escalated") : [];
}

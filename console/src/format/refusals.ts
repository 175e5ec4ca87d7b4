/** What the API said against a deed, in words for whoever asked. Absence and refusal read alike: neither tells more. Pure. */
import { errorInWords, Refused } from "../api/http.ts";
import type { FieldError } from "../components/error_summary.tsx";
import { minuteOfDay } from "./times.ts";

export const NOTHING_HERE = "There is nothing here that you may see or change. It may not exist, or your access may have ended.";
export const CHANGED_MEANWHILE = "Somebody changed this meanwhile, so nothing was saved. Look at what it says now, and decide again.";

/** The reader has called it off: nothing is to be told. */
export class CalledOff extends Error {}

const TOO_MANY = 429;
const MINUTE_MS = 60_000;

/** True of what is not there, and of what one may not see: the page treats both in one way. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Refused && (error.status === 404 || (error.status === 403 && !needsConfirmation(error)));
}

/** True when the API asks to show the password, or a code, once more. */
export function needsConfirmation(error: unknown): boolean {
  return error instanceof Refused && error.problem?.type.endsWith("/confirmation-needed") === true;
}

/** True when the thing has been changed since it was read. */
export function isChangedMeanwhile(error: unknown): boolean {
  return error instanceof Refused && error.status === 412;
}

export function refusalInWords(error: unknown, now = Date.now()): string {
  if (error instanceof Refused && error.status === TOO_MANY) return waitInWords(error.retryAfterSeconds, now);
  if (isChangedMeanwhile(error)) return CHANGED_MEANWHILE;
  if (isRefusal(error)) return NOTHING_HERE;
  return errorInWords(error).message;
}

/** "Too many tries. Wait 2 minutes, until 14:33, and try again." Never less than what the API asks for. */
function waitInWords(seconds: number | null, now: number): string {
  if (seconds === null) return "Too many tries. Wait a few minutes and try again.";
  const until = Math.ceil((now + seconds * 1000) / MINUTE_MS) * MINUTE_MS;
  return `Too many tries. Wait ${secondsInWords(seconds)}, until ${minuteOfDay(until)}, and try again.`;
}

function secondsInWords(seconds: number): string {
  if (seconds <= 90) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes <= 90 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}

/** The number to quote when asking for help; none for what the reader can mend. */
export function referenceOf(error: unknown): string | null {
  return errorInWords(error).reference;
}

/**
 * The errors of a form: what the API says of a part of the body stands at its field, by `fields` (JSON pointer → id of the
 * control); whatever has no field is about the whole form.
 */
export function errorsOf(error: unknown, fields: Readonly<Record<string, string>> = {}, now = Date.now()): FieldError[] {
  if (error === null || error === undefined || error instanceof CalledOff) return [];
  const faults = error instanceof Refused ? (error.problem?.errors ?? []) : [];
  if (faults.length === 0) return [{ field: null, message: refusalInWords(error, now) }];
  return faults.map(({ pointer, message }) => ({ field: fieldFor(pointer, fields), message }));
}

/** "/scopes/0" belongs to the field of "/scopes". */
function fieldFor(pointer: string, fields: Readonly<Record<string, string>>): string | null {
  const found = Object.keys(fields).find((each) => pointer === each || pointer.startsWith(`${each}/`));
  return found === undefined ? null : (fields[found] ?? null);
}

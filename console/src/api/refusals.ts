/** What the API's refusal means for a form: each fault at its field, waits in words. Pure; knows no route and no page. */
import type { FieldError } from "../components/error_summary.tsx";
import { minuteOfDay } from "../format/times.ts";
import { errorInWords, Refused } from "./http.ts";

/** The reader has called it off: nothing to be told. */
export class CalledOff extends Error {}

const TOO_MANY = 429;
const MINUTE_MS = 60_000;

/** `fields`: the id of the field that each JSON pointer of the API belongs to; what has none is about the whole form. */
export function refusalInWords(error: unknown, fields: Readonly<Record<string, string>> = {}, now = Date.now()): FieldError[] {
  if (error instanceof CalledOff) return [];
  if (error instanceof Refused && error.status === TOO_MANY) return [{ field: null, message: waitInWords(error, now) }];
  const faults = error instanceof Refused ? (error.problem?.errors ?? []) : [];
  const told = faults.filter((fault) => fault.message !== "");
  if (told.length === 0) return [{ field: null, message: errorInWords(error).message }];
  return told.map((fault) => ({ field: fields[fault.pointer] ?? null, message: fault.message }));
}

/** "Too many wrong tries. Wait 2 minutes, until 14:32, and try again." */
export function waitInWords(error: Refused, now: number): string {
  const seconds = error.retryAfterSeconds;
  if (seconds === null) return "Too many tries. Wait a few minutes and try again.";
  const until = Math.ceil((now + seconds * 1000) / MINUTE_MS) * MINUTE_MS;
  return `Too many tries. Wait ${secondsInWords(seconds)}, until ${minuteOfDay(until)}, and try again.`;
}

/** Never shorter than what it stands for: who waits as long as it says is let through. */
function secondsInWords(seconds: number): string {
  if (seconds <= 90) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes <= 90) return `${minutes} minutes`;
  return `${Math.ceil(minutes / 60)} hours`;
}

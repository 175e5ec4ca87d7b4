/** Secrets and codes as people read and type them. Pure. */

/** "ABCD EFGH …": a secret in groups of four, to be typed from another screen. */
export function inGroups(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(" ") ?? "";
}

/** What is wrong with six digits as typed, before anybody is asked; null when they can be sent. Spaces are nobody's fault. */
export function codeFault(typed: string): string | null {
  const digits = typed.replace(/\s/g, "");
  if (digits === "") return "Enter the 6-digit code";
  return /^\d{6}$/.test(digits) ? null : "The code is 6 digits, such as 123 456";
}

/** Of a code shown while the app is set up: a clock that is wrong makes every code wrong, and nothing else tells. */
export const WRONG_FIRST_CODE =
  "This code is not right. Check that the app shows Tendwell, wait for its next code and type that. If that is refused too, set your phone to take its date and time from the network";

/** The digits alone. */
export function asCode(typed: string): string {
  return typed.replace(/\s/g, "");
}

/** The API takes none with fewer letters and digits (openapi.yaml, SecondFactorIn). */
const LEAST_RECOVERY = 16;

/** What is wrong with a recovery code as typed; null when it can be sent. */
export function recoveryFault(typed: string): string | null {
  const letters = typed.replace(/[^A-Za-z0-9]/g, "");
  if (letters === "") return "Enter a recovery code";
  return letters.length >= LEAST_RECOVERY ? null : "A recovery code is longer. Check that you have the whole of it";
}

/** "8 recovery codes left", with what to do when there are few. */
export function codesLeft(left: number): string {
  if (left === 0) return "no recovery codes left";
  return left === 1 ? "1 recovery code left" : `${left} recovery codes left`;
}

/** At this few, one is asked to make new ones. */
export const FEW_CODES = 3;

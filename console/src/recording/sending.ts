/** Sends one reading and says what became of it. A lost answer may be followed by the same again: the id makes it one. */
import type { Client } from "../api/client.ts";
import { newClientId } from "../api/client_id.ts";
import { Refused } from "../api/http.ts";
import type { Reading, Verdict, VitalSign } from "../api/types.ts";
import type { FieldError } from "../components/error_summary.tsx";
import { errorsOf, isRefusal, NOTHING_HERE, referenceOf } from "../format/refusals.ts";
import { forDateTimeControl, withOffset } from "../format/times.ts";
import { errorOfVerdict, fractionFault, toSend, type Draft, type Refusal } from "./draft.ts";
import { hintForPeople, type Hint } from "./units.ts";

export type Sent =
  | { result: "recorded"; stands: Stands | null }
  | { result: "confirm"; hint: Hint | null }
  | { result: "refused"; errors: FieldError[]; hint: Hint | null; reference: string | null; nobody?: true };

/** What was sent, and the id under which it stands in the record. */
export interface Stands {
  readonly id: string;
  readonly reading: Reading;
}

/** What stays the same while the same draft is sent again: its id, and what "now" was when it was first sent. */
export interface Attempt {
  readonly draft: Draft;
  readonly clientId: string;
  readonly now: string;
}

/** The attempt to go on with, or a new one when anything was changed since. */
export function attemptFor(draft: Draft, before: Attempt | null): Attempt {
  if (before !== null && before.draft === draft) return before;
  return { draft, clientId: newClientId(), now: withOffset(forDateTimeControl(Date.now())) ?? "" };
}

export async function sendReading(api: Client, patientId: string, sign: VitalSign, attempt: Attempt, confirmed: boolean): Promise<Sent> {
  const reading = toSend(attempt.draft, sign, attempt.clientId, attempt.now, confirmed);
  try {
    const answer = await api.post("/v1/patients/{patient_id}/observations", { path: { patient_id: patientId }, body: { readings: [reading] } });
    return resultOf(answer.verdicts[0], reading, attempt.draft, sign);
  } catch (error) {
    const verdict = verdictIn(error);
    if (verdict !== null) return resultOf(verdict, reading, attempt.draft, sign);
    // Access that has ended: the page looks whether there is still somebody to record for.
    if (isRefusal(error)) return { ...refused([{ field: null, message: NOTHING_HERE }]), nobody: true };
    return { ...refused(errorsOf(error)), reference: referenceOf(error) };
  }
}

function refused(errors: FieldError[], hint: Hint | null = null): Extract<Sent, { result: "refused" }> {
  return { result: "refused", errors, hint, reference: null };
}

/** The outcome of a verdict. */
export function resultOf(verdict: Verdict | undefined, reading: Reading, draft: Draft, sign: VitalSign): Sent {
  if (verdict === undefined) return refused([{ field: null, message: "The answer could not be read." }]);
  if (verdict.verdict === "refused") return resultOfRefusal(verdict, draft, sign);
  const { observation_id: id } = verdict;
  return { result: "recorded", stands: id === null ? null : { id, reading } };
}

/** What a refusal leads to. A count with a fraction is never asked to be confirmed: only its unit, or the number, can be changed. */
export function resultOfRefusal(refusal: Refusal, draft: Draft, sign: VitalSign): Sent {
  const hint = hintForPeople(refusal.hint, sign);
  // The API's own words for this are for the developers of apps.
  if (refusal.code === "needs_confirmation") return refusedFraction(draft, sign, hint) ?? { result: "confirm", hint };
  return refused([errorOfVerdict(refusal, draft, sign)], hint);
}

/** The likely unit comes first: with it the number may be right as it is. */
function refusedFraction(draft: Draft, sign: VitalSign, hint: Hint | null): Sent | null {
  const fault = fractionFault(draft, sign);
  if (fault === null) return null;
  return refused(hint === null ? [fault] : [{ ...fault, message: hint.words }], hint);
}

/** When nothing was accepted the verdicts come with the problem. */
function verdictIn(error: unknown): Verdict | null {
  if (!(error instanceof Refused) || typeof error.body !== "object" || error.body === null) return null;
  const { verdicts } = error.body as { verdicts?: Verdict[] };
  return Array.isArray(verdicts) ? (verdicts[0] ?? null) : null;
}

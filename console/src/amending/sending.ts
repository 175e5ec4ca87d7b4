/** Sends a correction or a retraction under what was read, and says what became of it. A repeat is known by its content. */
import type { Client } from "../api/client.ts";
import { Refused } from "../api/http.ts";
import type { Observation, Problem, Reading, VitalSign } from "../api/types.ts";
import type { FieldError } from "../components/error_summary.tsx";
import { errorsOf, isChangedMeanwhile, isRefusal, referenceOf } from "../format/refusals.ts";
import type { Draft, Refusal } from "../recording/draft.ts";
import { resultOfRefusal, type Sent } from "../recording/sending.ts";

/** Which reading of whom, and the tag of what was read; none for one recorded a moment ago, by whoever recorded it. */
export interface Which {
  readonly patientId: string;
  readonly id: string;
  readonly tag: string | null;
}

/** What became of it: what stands now, or what is to be done first. `isOld`: the reader looks at what is so no longer. */
export type Amended = { stands: Observation } | { sent: Exclude<Sent, { result: "recorded" }>; isOld: boolean };

export async function sendCorrection(api: Client, which: Which, reading: Reading, reason: string, draft: Draft, sign: VitalSign): Promise<Amended> {
  const what = { path: pathOf(which), body: { reason, reading } };
  try {
    return { stands: await api.post("/v1/patients/{patient_id}/observations/{observation_id}/correction", what, tagged(which)) };
  } catch (error) {
    const refusal = refusalIn(error);
    const sent = refusal === null ? null : resultOfRefusal(refusal, draft, sign);
    return sent === null || sent.result === "recorded" ? refusedBy(error) : { sent, isOld: false };
  }
}

export async function sendRetraction(api: Client, which: Which, reason: string): Promise<Amended> {
  const what = { path: pathOf(which), body: { reason } };
  try {
    return { stands: await api.post("/v1/patients/{patient_id}/observations/{observation_id}/retraction", what, tagged(which)) };
  } catch (error) {
    return refusedBy(error);
  }
}

function pathOf({ patientId, id }: Which): { patient_id: string; observation_id: string } {
  return { patient_id: patientId, observation_id: id };
}

function tagged({ tag }: Which): { tag?: string } {
  return tag === null ? {} : { tag };
}

const IS_OLD: FieldError = {
  field: null,
  message: "Somebody put this reading right, or took it back, meanwhile. Nothing was changed now. Close this and look at what it says.",
};
const TIME_TAKEN: FieldError = {
  field: "when-now",
  message: "Another reading of this is recorded for the very same time. Put that one right, or give another time.",
};

function refusedBy(error: unknown): Amended {
  const isOld = isChangedMeanwhile(error) || isProblem(error, "illegal-transition");
  const errors = isOld ? [IS_OLD] : isProblem(error, "already-exists") ? [TIME_TAKEN] : errorsOf(error, { "/reason": "why-words" });
  return { sent: { result: "refused", errors, hint: null, reference: referenceOf(error) }, isOld: isOld || isRefusal(error) };
}

function isProblem(error: unknown, name: string): boolean {
  return error instanceof Refused && error.problem?.type.endsWith(`/${name}`) === true;
}

type Fault = NonNullable<Problem["errors"]>[number];

/** What the API says against the reading itself, in the form of a verdict; null when it is about anything else. */
function refusalIn(error: unknown): Refusal | null {
  const fault = error instanceof Refused ? error.problem?.errors?.find(({ pointer }) => pointer.startsWith("/reading/")) : undefined;
  return fault === undefined ? null : refusalOf(fault);
}

/** The likely unit, or the spellings that are known, at the end of the words. */
const HINT = /\s(The number looks like .+ rather than .+\.|One of: .+\.|Spelt .+ in UCUM\.)$/;

export function refusalOf({ pointer, code, message }: Fault): Refusal {
  const hint = HINT.exec(message)?.[1] ?? null;
  const detail = hint === null ? message : message.slice(0, -hint.length).trim();
  return { field: pointer, code: code as Refusal["code"], detail, hint };
}

/** Recording whom the law lets act for somebody, as it is typed in: what is missing or wrong, and what is sent. Pure. */
import type { Delegate, DelegateByLawBody, Scope } from "../api/types.ts";
import type { FieldError } from "../components/error_summary.tsx";
import { dateFault, isoDate, NO_DATE, type TypedDate } from "../format/date_entry.ts";

export type LawGround = Exclude<Delegate["ground"], "consent">;

export interface LawDraft {
  readonly relationship: Delegate["relationship"] | "";
  readonly ground: LawGround | "";
  readonly scopes: readonly Scope[];
  readonly evidence: string;
  readonly review: TypedDate;
}

/** Nothing is taken over but who they are and by what right: what they may do, and what was seen, is judged anew. */
export function draftOf(known: { relationship: Delegate["relationship"]; ground: Delegate["ground"] } | null): LawDraft {
  const ground = known === null || known.ground === "consent" ? "" : known.ground;
  return { relationship: known?.relationship ?? "", ground, scopes: [], evidence: "", review: NO_DATE };
}

/** The grounds of law, with the ages between which each holds (Children Act 1989; Mental Capacity Act 2005). */
export const LAW_GROUNDS: Record<LawGround, { words: string; hint: string }> = {
  parental_responsibility: { words: "Parental responsibility", hint: "Below 16. It ends on the sixteenth birthday at the latest." },
  lasting_power_of_attorney: { words: "Lasting power of attorney for health and welfare", hint: "From 18. Registered with the Office of the Public Guardian." },
  court_deputy: { words: "Deputy appointed by the Court of Protection", hint: "From 16." },
  best_interests: { words: "Best interests", hint: "From 16, for somebody who cannot agree to it. They help, and decide nothing." },
};

export const LAW_SCOPES: readonly { scope: Scope; words: string; hint: string }[] = [
  { scope: "read", words: "See the record", hint: "They see what the person would see." },
  { scope: "record", words: "Add readings", hint: "And say that a step of the plan was done. With this alone they see nothing of the record." },
  { scope: "decide", words: "Decide about sharing", hint: "And see who has looked. Not for whoever acts in best interests." },
];

export interface LawFields {
  readonly relationship: string;
  readonly ground: string;
  readonly scopes: string;
  readonly evidence: string;
  readonly review: string;
}

/** The ids of the controls: several forms may stand on one page. */
export function fieldsOf(form: string): LawFields {
  return {
    relationship: `${form}-relationship`,
    ground: `${form}-ground`,
    scopes: `${form}-scopes`,
    evidence: `${form}-evidence`,
    review: `${form}-review`,
  };
}

/** Where the API's own faults belong. */
export function pointersOf(ids: LawFields): Record<string, string> {
  return {
    "/relationship": ids.relationship,
    "/ground": ids.ground,
    "/scopes": ids.scopes,
    "/evidence": ids.evidence,
    "/review_on": ids.review,
  };
}

export function faultsOf(draft: LawDraft, ids: LawFields): FieldError[] {
  const faults: FieldError[] = [];
  if (draft.relationship === "") faults.push({ field: ids.relationship, message: "Choose who they are to the patient" });
  if (draft.ground === "") faults.push({ field: ids.ground, message: "Choose by what right they act" });
  if (draft.scopes.length === 0) faults.push({ field: ids.scopes, message: "Choose what they may do" });
  if (draft.ground === "best_interests" && draft.scopes.includes("decide")) {
    faults.push({ field: ids.scopes, message: "Who acts in somebody's best interests decides nothing for them" });
  }
  if (draft.evidence.trim() === "") faults.push({ field: ids.evidence, message: "Say what you have seen" });
  return [...faults, ...dateFault(ids.review, draft.review, "Enter the day by which you look at it again")];
}

/** What is sent of a draft without faults; null for one with some. */
export function toSend({ relationship, ground, scopes, evidence, review }: LawDraft): DelegateByLawBody | null {
  const review_on = isoDate(review);
  if (relationship === "" || ground === "" || review_on === null) return null;
  return { relationship, ground, scopes: [...scopes], evidence: evidence.trim(), review_on };
}

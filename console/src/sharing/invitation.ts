/** Letting somebody act for oneself, as it is typed in: what is missing or wrong, and what is sent. Pure. */
import type { Delegate, DelegateBody, Scope } from "../api/types.ts";
import type { FieldError } from "../components/error_summary.tsx";
import { beginningOf, endOf, isEmpty, isoDate, NO_DATE, type TypedDate } from "../format/date_entry.ts";

export interface Draft {
  readonly relationship: Delegate["relationship"] | "";
  readonly scopes: readonly Scope[];
  readonly begins: "now" | "later";
  readonly from: TypedDate;
  readonly ends: "never" | "on";
  readonly until: TypedDate;
}

export const EMPTY: Draft = { relationship: "", scopes: [], begins: "now", from: NO_DATE, ends: "never", until: NO_DATE };

/** Where the API's own faults belong. */
export const FIELDS = { "/relationship": "relationship", "/scopes": "scopes", "/from_at": "from", "/until_at": "until" };

export function faultsOf(draft: Draft): FieldError[] {
  const faults: FieldError[] = [];
  if (draft.relationship === "") faults.push({ field: "relationship", message: "Choose who they are to you" });
  if (draft.scopes.length === 0) faults.push({ field: "scopes", message: "Choose what they may do" });
  if (draft.begins === "later") faults.push(...dateFaults("from", draft.from, "the day on which it begins"));
  if (draft.ends === "on") faults.push(...dateFaults("until", draft.until, "the last day"));
  return faults;
}

function dateFaults(field: string, typed: TypedDate, which: string): FieldError[] {
  if (isEmpty(typed)) return [{ field, message: `Enter ${which}` }];
  return isoDate(typed) === null ? [{ field, message: "Enter a real date, such as 27 3 2027" }] : [];
}

/** What is sent of a draft without faults, under the words that were shown. */
export function toSend(draft: Draft, textVersion: number): DelegateBody {
  const from = draft.begins === "later" ? isoDate(draft.from) : null;
  const until = draft.ends === "on" ? isoDate(draft.until) : null;
  return {
    relationship: draft.relationship === "" ? "other" : draft.relationship,
    scopes: [...draft.scopes],
    from_at: from === null ? null : beginningOf(from),
    until_at: until === null ? null : endOf(until),
    text_version: textVersion,
  };
}

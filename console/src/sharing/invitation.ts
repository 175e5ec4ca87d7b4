/** Letting somebody act for oneself, as it is typed in: what is missing or wrong, and what is sent. Pure. */
import type { Delegate, DelegateBody, Scope } from "../api/types.ts";
import type { FieldError } from "../components/error_summary.tsx";
import { instantsOf, NO_SPAN, spanFaults, type TypedSpan } from "../format/span_entry.ts";

export interface Draft extends TypedSpan {
  readonly relationship: Delegate["relationship"] | "";
  readonly scopes: readonly Scope[];
}

export const EMPTY: Draft = { relationship: "", scopes: [], ...NO_SPAN };

/** Where the API's own faults belong. */
export const FIELDS = { "/relationship": "relationship", "/scopes": "scopes", "/from_at": "from", "/until_at": "until" };

export function faultsOf(draft: Draft): FieldError[] {
  const faults: FieldError[] = [];
  if (draft.relationship === "") faults.push({ field: "relationship", message: "Choose who they are to you" });
  if (draft.scopes.length === 0) faults.push({ field: "scopes", message: "Choose what they may do" });
  return [...faults, ...spanFaults(draft)];
}

/** What is sent of a draft without faults, under the words that were shown. */
export function toSend(draft: Draft, textVersion: number): DelegateBody {
  const { from, until } = instantsOf(draft);
  return {
    relationship: draft.relationship === "" ? "other" : draft.relationship,
    scopes: [...draft.scopes],
    from_at: from,
    until_at: until,
    text_version: textVersion,
  };
}

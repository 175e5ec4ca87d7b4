/** From when and until when, as it is typed in: what is missing or wrong, and what is sent. Pure. */
import type { FieldError } from "../components/error_summary.tsx";
import { beginningOf, dateFault, endOf, isoDate, NO_DATE, type TypedDate } from "./date_entry.ts";

export interface TypedSpan {
  readonly begins: "now" | "later";
  readonly from: TypedDate;
  readonly ends: "never" | "on";
  readonly until: TypedDate;
}

export const NO_SPAN: TypedSpan = { begins: "now", from: NO_DATE, ends: "never", until: NO_DATE };

/** At the fields "from" and "until". */
export function spanFaults({ begins, from, ends, until }: TypedSpan): FieldError[] {
  return [
    ...(begins === "later" ? dateFault("from", from, "Enter the first day") : []),
    ...(ends === "on" ? dateFault("until", until, "Enter the last day") : []),
  ];
}

/** The instants of a span without faults; null where none was chosen. */
export function instantsOf({ begins, from, ends, until }: TypedSpan): { from: string | null; until: string | null } {
  const first = begins === "later" ? isoDate(from) : null;
  const last = ends === "on" ? isoDate(until) : null;
  return { from: first === null ? null : beginningOf(first), until: last === null ? null : endOf(last) };
}

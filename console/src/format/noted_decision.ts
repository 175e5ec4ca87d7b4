/** What a practice says when it notes what a person decided: how it was told, and when it told them what follows. Pure. */
import { Refused } from "../api/http.ts";
import type { ConsentBody } from "../api/types.ts";
import type { FieldError } from "../components/error_summary.tsx";
import { dateFault, isoDate, NO_DATE, type TypedDate } from "./date_entry.ts";

export interface Told {
  readonly note: string;
  /** The day on which the person was told that their restriction ends. */
  readonly informed: TypedDate;
}

export const NOT_TOLD: Told = { note: "", informed: NO_DATE };

/** Whether the API wants that day: it is asked for a restriction alone, which only the API knows one by. */
export function asksForDay(error: unknown): boolean {
  return error instanceof Refused && error.problem?.errors?.some(({ pointer }) => pointer === "/informed_on") === true;
}

export function toldFaults({ note, informed }: Told, purpose: string, asksDay: boolean): FieldError[] {
  return [
    ...(note.trim() === "" ? [{ field: `note-${purpose}`, message: "Say how and when they told you" }] : []),
    ...(asksDay ? dateFault(`informed-${purpose}`, informed, "Enter the day on which you told them") : []),
  ];
}

export function toldBody({ note, informed }: Told, asksDay: boolean): Pick<ConsentBody, "note" | "informed_on"> {
  return { note: note.trim(), informed_on: asksDay ? isoDate(informed) : null };
}

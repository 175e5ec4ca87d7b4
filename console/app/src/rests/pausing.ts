/** Which pauses of one's plans are to come or hold now, and what a form of one says. Pure. */
import type { components } from "#console/api/schema.gen.ts";
import { daysOn } from "../words/dates.ts";
import type { Pause } from "../store/things.ts";

export type PauseKind = components["schemas"]["PauseKind"];
type Body = components["schemas"]["PauseIn"];

export const KINDS = ["holiday", "in_hospital", "unwell", "other"] as const satisfies readonly PauseKind[];

/** As domain/plans/pause.py has it: how far back and ahead one may begin, and for how long. In days. */
const EARLIEST = 31;
const LATEST = 366;
const LONGEST = 366;

export interface PauseDraft {
  readonly kind: PauseKind | "";
  readonly from: string;
  readonly until: string;
  readonly reason: string;
}

export type PauseFault = "rests.fault.kind" | "rests.fault.from" | "rests.fault.until" | "rests.fault.reason";

/** What is wrong with a form, by the id of its field. `today`: the person's own day, YYYY-MM-DD. */
export function faultsOf({ kind, from, until, reason }: PauseDraft, today: string): { readonly field: string; readonly fault: PauseFault }[] {
  const isFrom = from !== "" && from >= daysOn(today, -EARLIEST) && from <= daysOn(today, LATEST);
  const isUntil = until === "" || (until >= from && (!isFrom || until <= daysOn(from, LONGEST)));
  return [
    ...(kind === "" ? [{ field: "pause-kind", fault: "rests.fault.kind" } as const] : []),
    ...(isFrom ? [] : [{ field: "pause-from", fault: "rests.fault.from" } as const]),
    ...(isUntil ? [] : [{ field: "pause-until", fault: "rests.fault.until" } as const]),
    ...(kind === "other" && reason.trim() === "" ? [{ field: "pause-reason", fault: "rests.fault.reason" } as const] : []),
  ];
}

/** The body of a form without faults. */
export function bodyOf({ kind, from, until, reason }: PauseDraft & { readonly kind: PauseKind }, clientId: string): Body {
  const said = reason.trim();
  return { client_id: clientId, kind, from_on: from, until_on: until === "" ? null : until, reason: said === "" ? null : said };
}

/** The pauses that are not over on a day, the one that begins first in front. */
export function notOver(pauses: Iterable<Pause>, today: string): Pause[] {
  const isOver = ({ until_on, due_again_on }: Pause): boolean => (due_again_on !== null && due_again_on <= today) || (until_on !== null && until_on < today);
  // One that was ended before it began never holds.
  const isNone = ({ from_on, due_again_on }: Pause): boolean => due_again_on !== null && due_again_on <= from_on;
  return [...pauses].filter((pause) => !isOver(pause) && !isNone(pause)).sort((a, b) => a.from_on.localeCompare(b.from_on));
}

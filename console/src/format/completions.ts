/** What was done of an action today, by whom and when, and whether it is enough. Days are London's, as the API counts them. */
import type { Action, Completion } from "../api/types.ts";
import { listInWords } from "./schedules.ts";
import { minuteOfDay } from "./times.ts";

const londonDay = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", dateStyle: "short" });

/** Completions of one action on the London day of an instant, earliest first; one that is known twice counts once. */
export function ofToday(completions: readonly Completion[], actionId: string, now: number): Completion[] {
  const today = londonDay.format(now);
  const byId = new Map(completions.map((one) => [one.id, one]));
  return [...byId.values()]
    .filter((one) => one.action_id === actionId && londonDay.format(Date.parse(one.done_at)) === today)
    .sort((a, b) => Date.parse(a.done_at) - Date.parse(b.done_at));
}

/** Whether all that is due on a day was done; an action without times is due once. What was skipped can still be done. */
export function isEnough(schedule: Action["schedule"], today: readonly Completion[]): boolean {
  return today.filter(({ skipped }) => skipped === null).length >= Math.max(1, schedule.times.length);
}

const RECORDERS: Record<Completion["recorded_as"], string> = {
  patient: "the patient",
  clinician: "a clinician",
  care_home_staff: "care home staff",
  delegate: "somebody acting for the patient",
};

/** "Done today at 09:12 by you", or an empty text; `reader` is the account that reads it. */
export function doneInWords(today: readonly Completion[], reader: string): string {
  const byWhom = new Map<string, string[]>();
  for (const one of today) {
    const who = one.recorded_by === reader ? "you" : (RECORDERS[one.recorded_as] ?? one.recorded_as);
    const did = `${one.skipped === null ? "Done" : "Skipped"} today|${who}`;
    byWhom.set(did, [...(byWhom.get(did) ?? []), minuteOfDay(Date.parse(one.done_at))]);
  }
  return [...byWhom].map(([did, times]) => did.replace("|", ` at ${listInWords(times)} by `)).join(". ");
}

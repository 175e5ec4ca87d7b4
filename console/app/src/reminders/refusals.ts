/** What the API said against it, in the app's own words: its reasons are in English. */
import { Refused } from "#console/api/http.ts";

/** `unfit`: what is wrong where the API refuses what was typed. */
export function refusalOf(error: unknown, unfit: "reminders.add.number_missing" | "reminders.where.too_many" | "reminders.where.wrong_code") {
  const status = error instanceof Refused ? error.status : null;
  if (status === 422) return unfit;
  if (status === 429) return "reminders.where.too_many";
  return status === 409 ? "reminders.where.too_many_held" : "common.failed";
}

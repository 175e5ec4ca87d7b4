/** Words for what a person disputes in their record. Pure. */
import type { Dispute } from "../api/types.ts";
import { dateAndTime } from "./times.ts";

/** What came of it, and where what they say can be asked for: it was said to their practice. */
export function disputeInWords({ asked_at, decision, decided_at, statement }: Dispute): string {
  const asked = `The patient asked for a correction of this record on ${dateAndTime(asked_at)}`;
  if (decision === null) return `${asked}. It is not answered yet.`;
  const refused = decision === "partly" ? "not all of it was made" : "it was not made";
  const answered = decided_at === null ? "" : ` (${dateAndTime(decided_at)})`;
  return `${asked}; ${refused}${answered}. They see it differently.${statement === null ? " Their practice has what they say." : ""}`;
}

/** Open alerts in words: what is read out when they change, and what may have come of one. */
import type { AlertOutcome, OpenAlert } from "../api/types.ts";

export const ALERT_OUTCOMES: Readonly<Record<AlertOutcome, string>> = {
  spoke_with_them: "I spoke with them",
  seen_in_person: "They were seen in person",
  referred: "Referred to somebody else",
  emergency_help: "Emergency help was sent",
  could_not_be_reached: "They could not be reached",
  not_needed: "Nothing was needed",
  made_in_error: "It was raised in error",
};

export function isAlertOutcome(value: string): value is AlertOutcome {
  return value in ALERT_OUTCOMES;
}

/** What is read out at once: only what nobody has, and nothing when there is none. */
export function announced(alerts: readonly Pick<OpenAlert, "status">[]): string {
  const raised = alerts.filter(({ status }) => status === "raised").length;
  if (raised === 0) return "";
  return raised === 1 ? "1 alert that nobody has acknowledged." : `${raised} alerts that nobody has acknowledged.`;
}

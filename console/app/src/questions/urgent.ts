/** Of what is not settled, the answers that cannot wait, and whether anybody can have seen them. Pure. */
import type { Unsent } from "../store/things.ts";
import { INSTRUMENTS } from "./questionnaire.ts";

/** not_sent: no answer of the API's yet. not_told: it said no, so that nobody was told. */
export type Untold = "not_sent" | "not_told";

/** Whether one of its answers cannot wait. One that this edition does not know is taken for such: words too many hurt nobody. */
export function isUrgent(unsent: Unsent): boolean {
  if (unsent.kind !== "questionnaire_response") return false;
  const { questionnaire, answers } = unsent.body;
  const instrument = INSTRUMENTS.find(({ key }) => key === questionnaire);
  const safety = instrument?.safety ?? null;
  if (instrument === undefined || safety === null) return false;
  const options = instrument.questions.find(({ linkId }) => linkId === safety.link_id)?.options ?? [];
  const harmless = options.flatMap(({ code, score }) => (score !== null && score < safety.least_score ? [code, score] : []));
  return answers.some(({ link_id, value }) => link_id === safety.link_id && !harmless.some((one) => one === value));
}

/** How it stands with the answers that cannot wait; null where none is unsettled. What the API kept is settled, told back or not. */
export function untoldOf(unsent: readonly Unsent[]): Untold | null {
  const outcomes = unsent.filter(isUrgent).map(({ verdict }) => verdict?.outcome);
  if (outcomes.some((outcome) => outcome === "refused" || outcome === "conflict")) return "not_told";
  return outcomes.some((outcome) => outcome !== "kept") ? "not_sent" : null;
}

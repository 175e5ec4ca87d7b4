/** What stands in the record and on this phone of what plans ask to be recorded: readings, answers, entries of the diary. Pure. */
import { heldReadings } from "../readings/held.ts";
import type { ActionPlan, DiaryEntry, Observation, QuestionnaireResponse, Unsent } from "../store/things.ts";

export type AskedFor = NonNullable<ActionPlan["actions"][number]["asks_for"]>;

/** Something recorded, whether or not it was sent yet, as an action of a plan would ask for it. */
export interface Recorded extends AskedFor {
  readonly at: number;
  readonly isSent: boolean;
}

interface Record {
  readonly observations: ReadonlyMap<string, Observation>;
  readonly responses: ReadonlyMap<string, QuestionnaireResponse>;
  readonly diaryEntries: ReadonlyMap<string, DiaryEntry>;
}

const IN_ERROR = "entered-in-error";

/** All that counts. What was refused is not recorded, as far as the record goes; what was entered in error counts no more. */
export function recordedOf(record: Record, unsent: readonly Unsent[]): Recorded[] {
  return [
    ...heldReadings(record.observations, unsent).map(({ sign, at, stands }): Recorded => ({ kind: "reading", of: sign, at: Date.parse(at), isSent: stands !== null })),
    ...[...record.responses.values()]
      .filter(({ status }) => status !== IN_ERROR)
      .map(({ questionnaire, authored_at }): Recorded => ({ kind: "questionnaire", of: questionnaire, at: Date.parse(authored_at), isSent: true })),
    ...[...record.diaryEntries.values()]
      .filter(({ status }) => status !== IN_ERROR)
      .map(({ effective_at }): Recorded => ({ kind: "diary_entry", of: null, at: Date.parse(effective_at), isSent: true })),
    ...unsent.flatMap((one): Recorded[] => {
      if (one.state === "refused") return [];
      if (one.kind === "questionnaire_response") return [{ kind: "questionnaire", of: one.body.questionnaire, at: Date.parse(one.body.authored_at), isSent: false }];
      return one.kind === "diary_entry" ? [{ kind: "diary_entry", of: null, at: Date.parse(one.body.effective_at), isSent: false }] : [];
    }),
  ];
}

/** What an action asks for, if anything. A copy that was kept by an app of before does not say. */
export function askedBy(action: { readonly asks_for?: AskedFor | null }): AskedFor | null {
  return action.asks_for ?? null;
}

/** Whether it is what an action asks for. */
export function isAskedFor(recorded: Recorded, { kind, of }: AskedFor): boolean {
  return recorded.kind === kind && recorded.of === of;
}

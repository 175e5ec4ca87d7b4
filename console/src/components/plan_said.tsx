/** Who said what of a plan's version: that it is understood, or a question; and what a clinician answered to it. */
import type { ActionPlanDetail, PlanAcknowledgement } from "../api/types.ts";
import { dateAndTime } from "../format/times.ts";
import { AnswerQuestion } from "./answer_question.tsx";

interface Props {
  plan: ActionPlanDetail;
  /** Whether the reader may answer a question. */
  canAnswer: boolean;
  onAnswered: () => void;
}

export function PlanSaid({ plan, canAnswer, onAnswered }: Props) {
  const { acknowledgements, to_be_acknowledged: isToBeSaid } = plan;
  return (
    <div class="tw-said">
      <h3 class="nhsuk-heading-xs">
        Read by the patient (version {plan.version})
      </h3>
      {isToBeSaid && (
        <p>
          <strong class="nhsuk-tag nhsuk-tag--grey">Not understood yet</strong> {acknowledgements.length === 0 ? "Nobody has said that they have read this version." : "Nobody has said last that this version is understood."}
        </p>
      )}
      {!isToBeSaid && acknowledgements.length === 0 && <p>The patient wrote it.</p>}
      <ul class="nhsuk-list">
        {acknowledgements.map((said) => (
          <li key={said.id} data-said={said.answer}>
            <Said said={said} plan={plan} canAnswer={canAnswer} onAnswered={onAnswered} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Said({ said, plan, canAnswer, onAnswered }: Props & { said: PlanAcknowledgement }) {
  const who = said.recorded_as === "patient" ? "The patient" : "Somebody who acts for the patient";
  if (said.answer === "understood") {
    return (
      <>
        {who} said on {dateAndTime(said.said_at)} that they have read and understood it.
      </>
    );
  }
  return (
    <>
      <p>
        {who} asked on {dateAndTime(said.said_at)}: {said.note === null ? "that there is a question, without saying which." : <q class="tw-typed">{said.note}</q>}{" "}
        {said.answered === null && <strong class="nhsuk-tag nhsuk-tag--yellow">Not answered</strong>}
      </p>
      {said.answered !== null && (
        <p>
          Answered on {dateAndTime(said.answered.answered_at)}: <q class="tw-typed">{said.answered.note}</q>
        </p>
      )}
      {said.answered === null && canAnswer && <AnswerQuestion patientId={plan.patient_id} planId={plan.id} question={said.id} of={plan.title} onAnswered={onAnswered} />}
    </>
  );
}

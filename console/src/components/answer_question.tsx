/** Answering a question about a plan, once, in words for whoever asked. */
import { useApi } from "../services.ts";
import { DeedFormView, useDeedForm } from "./deed_form.tsx";
import { errorOf } from "./error_summary.tsx";
import { TextArea } from "./fields.tsx";

const LONGEST = 1000;

interface Props {
  patientId: string;
  planId: string;
  /** Its id. */
  question: string;
  /** Whose, or of which plan: several may stand on a page. */
  of: string;
  onAnswered: () => void;
}

export function AnswerQuestion({ patientId, planId, question, of, onAnswered }: Props) {
  const api = useApi();
  const field = `answer-${question}`;
  const form = useDeedForm<{ note: string }>({
    empty: { note: "" },
    faultsOf: ({ note }) => (note.trim() === "" ? [{ field, message: "Write an answer to who asked" }] : []),
    refusal: { "/note": field },
  });
  const send = async (): Promise<void> => {
    const body = { note: form.draft.note.trim() };
    const path = { patient_id: patientId, plan_id: planId, acknowledgement_id: question };
    const done = await form.run({ question, ...body }, () =>
      api.post("/v1/patients/{patient_id}/action-plans/{plan_id}/acknowledgements/{acknowledgement_id}/answer", { path, body }),
    );
    if (done !== undefined) onAnswered();
  };
  return (
    <details class="nhsuk-details tw-history">
      <summary class="nhsuk-details__summary">
        <span class="nhsuk-details__summary-text">
          Answer<span class="nhsuk-u-visually-hidden"> the question: {of}</span>
        </span>
      </summary>
      <DeedFormView form={form} onSend={send} words="Send the answer" busyWords="Answering…" button="nhsuk-button--small" class="nhsuk-details__text">
        <TextArea
          id={field}
          label="Your answer"
          hint="Whoever asked reads it in their app, with the plan. They are not called by it."
          value={form.draft.note}
          onValue={(note) => form.change({ note })}
          maxLength={LONGEST}
          error={errorOf(form.errors, field)}
        />
      </DeedFormView>
    </details>
  );
}

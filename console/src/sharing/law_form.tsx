/** Recording whom the law lets act for a patient, by a clinician of their practice; then the code, shown once. */
import { useState } from "preact/hooks";
import type { Delegate, Offer } from "../api/types.ts";
import { DateField, RadiosField } from "../components/choice_fields.tsx";
import { DeedFormView, useDeedForm } from "../components/deed_form.tsx";
import { errorOf, type FieldError } from "../components/error_summary.tsx";
import { TextArea } from "../components/fields.tsx";
import { RELATIONSHIPS } from "../format/sharing.ts";
import { useApi } from "../services.ts";
import { draftOf, faultsOf, fieldsOf, LAW_GROUNDS, LAW_SCOPES, pointersOf, toSend, type LawDraft, type LawFields, type LawGround } from "./by_law.ts";
import { CodeToHand } from "./handing.tsx";
import { RelationshipField, ScopesField } from "./terms_fields.tsx";

const LONGEST = 4000;

interface Props {
  /** Tells this form's controls from another's on the page. */
  form: string;
  patientId: string;
  patientName: string;
  /** What stands until now, where it is recorded anew. */
  known: { relationship: Delegate["relationship"]; ground: Delegate["ground"] } | null;
  onRecorded?: () => void;
}

export function LawForm({ form, patientId, patientName, known, onRecorded }: Props) {
  const api = useApi();
  const [offer, setOffer] = useState<Offer | null>(null);
  const ids = fieldsOf(form);
  const law = useDeedForm<LawDraft>({ empty: draftOf(known), faultsOf: (draft) => faultsOf(draft, ids), refusal: pointersOf(ids) });
  const record = async (): Promise<void> => {
    const body = toSend(law.draft);
    if (body === null) return;
    const path = { patient_id: patientId };
    const done = await law.run(body, () => api.post("/v1/patients/{patient_id}/delegates/by-law", { path, body }));
    if (done === undefined) return;
    setOffer(done.value);
    onRecorded?.();
  };
  if (offer !== null) return <Handing offer={offer} patientName={patientName} anew={known !== null} />;
  return (
    <DeedFormView form={law} onSend={record} words="Record it and make the code" busyWords="Recording…" button="nhsuk-button--small">
      <Fields ids={ids} draft={law.draft} errors={law.errors} onChange={law.change} />
    </DeedFormView>
  );
}

interface FieldsProps {
  ids: LawFields;
  draft: LawDraft;
  errors: readonly FieldError[];
  onChange: (change: Partial<LawDraft>) => void;
}

function Fields(props: FieldsProps) {
  return (
    <>
      <WhoAndWhat {...props} />
      <WhatWasSeen {...props} />
    </>
  );
}

function WhoAndWhat({ ids, draft, errors, onChange }: FieldsProps) {
  return (
    <>
      <RelationshipField
        id={ids.relationship}
        label="Who are they to the patient?"
        among={Object.keys(RELATIONSHIPS) as Delegate["relationship"][]}
        value={draft.relationship}
        onValue={(relationship) => onChange({ relationship })}
        error={errorOf(errors, ids.relationship)}
      />
      <RadiosField
        id={ids.ground}
        legend="By what right do they act?"
        value={draft.ground}
        onValue={(ground: LawGround) => onChange({ ground })}
        choices={Object.entries(LAW_GROUNDS).map(([value, told]) => ({ value: value as LawGround, ...told }))}
        error={errorOf(errors, ids.ground)}
      />
      <ScopesField
        id={ids.scopes}
        hint="No more than is needed. None of them brings another with it."
        among={LAW_SCOPES}
        values={draft.scopes}
        onValues={(scopes) => onChange({ scopes })}
        error={errorOf(errors, ids.scopes)}
      />
    </>
  );
}

/** On what it rests, and until when that holds. */
function WhatWasSeen({ ids, draft, errors, onChange }: FieldsProps) {
  return (
    <>
      <TextArea
        id={ids.evidence}
        label="What have you seen?"
        hint="Which document, and how capacity was assessed if it was. The patient can read it."
        value={draft.evidence}
        onValue={(evidence) => onChange({ evidence })}
        maxLength={LONGEST}
        error={errorOf(errors, ids.evidence)}
      />
      <DateField
        id={ids.review}
        legend="By when do you look at it again?"
        hint="Within a year. Access ends after this day, unless it is recorded anew. For example, 27 3 2027"
        value={draft.review}
        onValue={(review) => onChange({ review })}
        error={errorOf(errors, ids.review)}
      />
    </>
  );
}

function Handing({ offer, patientName, anew }: { offer: Offer; patientName: string; anew: boolean }) {
  return (
    <CodeToHand offer={offer} as="h4">
      <li>
        They sign in to Tendwell with an account of their own, open <strong>People I act for</strong> and type it in.
        {anew ? " Only then does the new term take the place of the old one." : ""}
      </li>
      <li>If it is lost, cancel it under who has access to the record of {patientName}, and make another one.</li>
    </CodeToHand>
  );
}

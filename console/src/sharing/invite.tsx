/** Letting somebody act for oneself: who, what, from when, until when, by the words in use; then the code, shown once. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { useDeed } from "../api/deeds.ts";
import { useLoaded } from "../api/loading.ts";
import type { ConsentText, Delegate, Offer } from "../api/types.ts";
import { CheckboxesField, DateField, RadiosField } from "../components/choice_fields.tsx";
import { ErrorSummary, errorOf, type FieldError } from "../components/error_summary.tsx";
import { SelectField } from "../components/fields.tsx";
import { Link } from "../components/link.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { latestText } from "../format/choices.ts";
import { errorsOf, referenceOf } from "../format/refusals.ts";
import { CHOSEN_RELATIONSHIPS, GIVEN_SCOPES, RELATIONSHIPS } from "../format/sharing.ts";
import { useApi } from "../services.ts";
import { CodeToHand } from "./handing.tsx";
import { EMPTY, FIELDS, faultsOf, toSend, type Draft } from "./invitation.ts";

export function Invite({ patientId }: { patientId: string }) {
  const api = useApi();
  const texts = useLoaded("texts", (signal) => api.get("/v1/consent-texts", {}, signal));
  const [offer, setOffer] = useState<Offer | null>(null);
  if (offer !== null) return <Handing offer={offer} again={() => setOffer(null)} />;
  if (texts.status === "loading") return <Loading what="the form" />;
  if (texts.status === "failed") return <LoadFailed what="The form" error={texts.error} retry={texts.retry} />;
  const text = latestText(texts.value.items, "delegate");
  if (text === undefined) return <p>The words to agree to are missing. Tell your practice.</p>;
  return <InviteForm patientId={patientId} text={text} onOffer={setOffer} />;
}

interface FormProps {
  patientId: string;
  text: ConsentText;
  onOffer: (offer: Offer) => void;
}

function InviteForm({ patientId, text, onOffer }: FormProps) {
  const api = useApi();
  const deed = useDeed();
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [faults, setFaults] = useState<readonly FieldError[]>([]);
  const change = (changed: Partial<Draft>): void => setDraft((before) => ({ ...before, ...changed }));
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const found = faultsOf(draft);
    setFaults(found);
    deed.clear();
    if (found.length > 0) return;
    const body = toSend(draft, text.version);
    const done = await deed.run(body, () => api.post("/v1/patients/{patient_id}/delegates", { path: { patient_id: patientId }, body }));
    if (done !== undefined) onOffer(done.value);
  };
  const errors = deed.error === null ? faults : errorsOf(deed.error, FIELDS);
  return (
    <div class="tw-form">
      <ErrorSummary errors={errors} reference={deed.error === null ? null : referenceOf(deed.error)} />
      <p>{text.text}</p>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <TermsFields draft={draft} errors={errors} onChange={change} />
        <p>By making the code you let whoever uses it act for you, as said above (version {text.version} of these words).</p>
        <button class="nhsuk-button" type="submit" aria-disabled={deed.busy}>
          {deed.busy ? "Making the code…" : "Make the code"}
        </button>
      </form>
    </div>
  );
}

interface FieldsProps {
  draft: Draft;
  errors: readonly FieldError[];
  onChange: (change: Partial<Draft>) => void;
}

function TermsFields({ draft, errors, onChange }: FieldsProps) {
  const whoever = CHOSEN_RELATIONSHIPS.map((each) => ({ value: each as string, words: RELATIONSHIPS[each] }));
  return (
    <>
      <SelectField
        id="relationship"
        label="Who are they to you?"
        value={draft.relationship}
        onValue={(value) => onChange({ relationship: value as Delegate["relationship"] | "" })}
        choices={[{ value: "", words: "Choose" }, ...whoever]}
        error={errorOf(errors, "relationship")}
      />
      <CheckboxesField
        id="scopes"
        legend="What may they do?"
        hint="Choose as much or as little as you like. None of them brings another with it."
        values={draft.scopes}
        onValues={(scopes) => onChange({ scopes })}
        choices={GIVEN_SCOPES.map(({ scope, words, hint }) => ({ value: scope, words, hint }))}
        error={errorOf(errors, "scopes")}
      />
      <RadiosField
        id="begins"
        legend="From when?"
        value={draft.begins}
        onValue={(begins) => onChange({ begins })}
        choices={[
          { value: "now", words: "As soon as they use the code" },
          { value: "later", words: "From a day that I choose" },
        ]}
      />
      {draft.begins === "later" && (
        <DateField id="from" legend="First day" hint="For example, 27 3 2027" value={draft.from} onValue={(from) => onChange({ from })} error={errorOf(errors, "from")} />
      )}
      <RadiosField
        id="ends"
        legend="Until when?"
        value={draft.ends}
        onValue={(ends) => onChange({ ends })}
        choices={[
          { value: "never", words: "Until I end it" },
          { value: "on", words: "Until the end of a day that I choose" },
        ]}
      />
      {draft.ends === "on" && (
        <DateField id="until" legend="Last day" hint="For example, 27 3 2027" value={draft.until} onValue={(until) => onChange({ until })} error={errorOf(errors, "until")} />
      )}
    </>
  );
}

function Handing({ offer, again }: { offer: Offer; again: () => void }) {
  return (
    <div class="tw-form">
      <CodeToHand offer={offer} as="h2">
        <li>
          They sign in to Tendwell with an account of their own, open <strong>People I act for</strong> and type it in. If they have no
          account, your practice can help.
        </li>
        <li>If it is lost, take it back and make another one.</li>
      </CodeToHand>
      <p>
        <Link to={{ page: "sharing", part: "people" }}>Back to who can see my record</Link>
      </p>
      <button type="button" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" onClick={again}>
        Let somebody else act for me
      </button>
    </div>
  );
}

/** Letting somebody act for oneself: who, what, from when, until when, by the words in use; then the code, shown once. */
import { useState } from "preact/hooks";
import { useLoaded } from "../api/loading.ts";
import type { ConsentText, Offer } from "../api/types.ts";
import { DeedFormView, useDeedForm } from "../components/deed_form.tsx";
import { errorOf, type FieldError } from "../components/error_summary.tsx";
import { Link } from "../components/link.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { SpanFields } from "../components/span_fields.tsx";
import { latestText } from "../format/choices.ts";
import { CHOSEN_RELATIONSHIPS, GIVEN_SCOPES } from "../format/sharing.ts";
import { useApi } from "../services.ts";
import { CodeToHand } from "./handing.tsx";
import { EMPTY, FIELDS, faultsOf, toSend, type Draft } from "./invitation.ts";
import { RelationshipField, ScopesField } from "./terms_fields.tsx";

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
  const form = useDeedForm<Draft>({ empty: EMPTY, faultsOf, refusal: FIELDS });
  const make = async (): Promise<void> => {
    const body = toSend(form.draft, text.version);
    const done = await form.run(body, () => api.post("/v1/patients/{patient_id}/delegates", { path: { patient_id: patientId }, body }));
    if (done !== undefined) onOffer(done.value);
  };
  return (
    <DeedFormView form={form} onSend={make} words="Make the code" busyWords="Making the code…">
      <p>{text.text}</p>
      <TermsFields draft={form.draft} errors={form.errors} onChange={form.change} />
      <p>By making the code you let whoever uses it act for you, as said above (version {text.version} of these words).</p>
    </DeedFormView>
  );
}

const SPAN_WORDS = {
  now: "As soon as they use the code",
  later: "From a day that I choose",
  never: "Until I end it",
  on: "Until the end of a day that I choose",
};

interface FieldsProps {
  draft: Draft;
  errors: readonly FieldError[];
  onChange: (change: Partial<Draft>) => void;
}

function TermsFields({ draft, errors, onChange }: FieldsProps) {
  return (
    <>
      <RelationshipField
        id="relationship"
        label="Who are they to you?"
        among={CHOSEN_RELATIONSHIPS}
        value={draft.relationship}
        onValue={(relationship) => onChange({ relationship })}
        error={errorOf(errors, "relationship")}
      />
      <ScopesField
        id="scopes"
        hint="Choose as much or as little as you like. None of them brings another with it."
        among={GIVEN_SCOPES}
        values={draft.scopes}
        onValues={(scopes) => onChange({ scopes })}
        error={errorOf(errors, "scopes")}
      />
      <SpanFields span={draft} errors={errors} onChange={onChange} words={SPAN_WORDS} />
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
        <li>If it is lost, cancel it and make another one.</li>
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

/** Inviting a patient to their own record by mail: sent, waiting, withdrawn. The link is in the letter alone. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { useDeed } from "../api/deeds.ts";
import { useLoaded } from "../api/loading.ts";
import type { Invitation, Patient } from "../api/types.ts";
import { AskingFirst } from "../components/asking_first.tsx";
import { ErrorSummary, errorOf, type FieldError } from "../components/error_summary.tsx";
import { TextField } from "../components/fields.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { INVITATION_STATES, inOrder } from "../format/administration.ts";
import { plainName } from "../format/people.ts";
import { errorsOf, referenceOf } from "../format/refusals.ts";
import { dateAndTime } from "../format/times.ts";
import { useApi } from "../services.ts";

interface Props {
  patient: Patient;
  onChanged: (words: string) => void;
}

export function PatientInvitations({ patient, onChanged }: Props) {
  const api = useApi();
  const path = { patient_id: patient.id };
  const sent = useLoaded(`invitations ${patient.id}`, (signal) => api.get("/v1/patients/{patient_id}/invitations", { path }, signal));
  const changed = (words: string): void => {
    if (sent.status === "ready") sent.reload();
    onChanged(words);
  };
  return (
    <>
      {sent.status === "loading" && <Loading what="invitations" />}
      {sent.status === "failed" && <LoadFailed what="Invitations" error={sent.error} retry={sent.retry} />}
      {sent.status === "ready" && inOrder(sent.value.items).map((each) => <Sent key={each.id} patient={patient} invitation={each} onChanged={changed} />)}
      <InviteForm patient={patient} onChanged={changed} />
    </>
  );
}

function Sent({ patient, invitation, onChanged }: Props & { invitation: Invitation }) {
  const api = useApi();
  const deed = useDeed();
  const { words, colour } = INVITATION_STATES[invitation.state];
  const revoke = async (): Promise<void> => {
    const path = { patient_id: patient.id, invitation_id: invitation.id };
    const done = await deed.run(path, () => api.post("/v1/patients/{patient_id}/invitations/{invitation_id}/revoke", { path }));
    if (done !== undefined) onChanged("The invitation was withdrawn.");
  };
  return (
    <div class="tw-panel" data-invitation={invitation.id}>
      <p>
        <strong class={`nhsuk-tag nhsuk-tag--${colour}`}>{words}</strong> <span class="tw-address">{invitation.email}</span>{" "}
        <span class="tw-muted tw-small">
          sent {dateAndTime(invitation.made_at)}
          {invitation.state === "open" && `; good until ${dateAndTime(invitation.expires_at)}`}
        </span>
      </p>
      {invitation.state === "open" && (
        <AskingFirst words="Withdraw" about={`the invitation to ${invitation.email}`} question="Withdraw this invitation?" yes="Yes, withdraw it" deed={deed} onYes={() => void revoke()}>
          <p>The link in the letter is worthless from then on.</p>
        </AskingFirst>
      )}
    </div>
  );
}

function InviteForm({ patient, onChanged }: Props) {
  const api = useApi();
  const deed = useDeed();
  const [email, setEmail] = useState("");
  const [faults, setFaults] = useState<readonly FieldError[]>([]);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const found = /^\S+@\S+$/.test(email.trim()) ? [] : [{ field: "patient-email", message: "Enter the patient's own e-mail address" }];
    setFaults(found);
    deed.clear();
    if (found.length > 0) return;
    const where = { path: { patient_id: patient.id }, body: { email: email.trim(), display_name: plainName(patient) } };
    if ((await deed.run(where, (key) => api.post("/v1/patients/{patient_id}/invitations", where, { key }))) === undefined) return;
    setEmail("");
    onChanged(`${plainName(patient)} was invited. The letter is on its way.`);
  };
  const errors = deed.error === null ? faults : errorsOf(deed.error, { "/email": "patient-email" });
  return (
    <form class="tw-form" onSubmit={(event) => void submit(event)} noValidate>
      <ErrorSummary errors={errors} reference={deed.error === null ? null : referenceOf(deed.error)} />
      <TextField
        id="patient-email"
        label="Invite them by e-mail"
        hint="Be sure that the address is the patient's own: whoever reads the letter can open the record."
        type="email"
        inputMode="email"
        autocomplete="off"
        value={email}
        onValue={setEmail}
        error={errorOf(errors, "patient-email")}
      />
      <button class="nhsuk-button nhsuk-button--small" type="submit" aria-disabled={deed.busy}>
        {deed.busy ? "Inviting…" : "Send the invitation"}
      </button>
    </form>
  );
}

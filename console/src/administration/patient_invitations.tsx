/** Inviting a patient to their own record by mail: sent, waiting, withdrawn. The link is in the letter alone. */
import { useDeed } from "../api/deeds.ts";
import { useLoaded } from "../api/loading.ts";
import type { Invitation, Patient } from "../api/types.ts";
import { AskingFirst } from "../components/asking_first.tsx";
import { Address } from "../components/address.tsx";
import { DeedFormView, useDeedForm } from "../components/deed_form.tsx";
import { errorOf } from "../components/error_summary.tsx";
import { EmailField } from "../components/fields.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { inOrder, INVITATION_STATES, looksLikeAddress } from "../format/administration.ts";
import { plainName } from "../format/people.ts";
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
    sent.reload();
    onChanged(words);
  };
  return (
    <>
      {sent.status === "loading" && <Loading what="invitations" />}
      {sent.status === "failed" && <LoadFailed what="Invitations" error={sent.error} retry={sent.retry} />}
      {sent.status === "ready" && inOrder(sent.value.items).map((each) => <Sent key={each.id} patient={patient} invitation={each} onChanged={changed} />)}
      {sent.status === "ready" && sent.value.has_account && <HasAccount name={plainName(patient)} />}
      {sent.status === "ready" && !sent.value.has_account && <InviteForm patient={patient} onChanged={changed} onRefused={sent.reload} />}
    </>
  );
}

function HasAccount({ name }: { name: string }) {
  return (
    <p class="tw-prose">
      {name} has an account and can see this record with it, so there is nobody to invite. If they cannot sign in, they can choose{" "}
      <strong>Forgotten your password?</strong> where they sign in.
    </p>
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
        <strong class={`nhsuk-tag nhsuk-tag--${colour}`}>{words}</strong> <Address>{invitation.email}</Address>{" "}
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

/** `onRefused`: they may have accepted an invitation meanwhile. */
function InviteForm({ patient, onChanged, onRefused }: Props & { onRefused: () => void }) {
  const api = useApi();
  const form = useDeedForm({
    empty: { email: "" },
    faultsOf: ({ email }) => (looksLikeAddress(email) ? [] : [{ field: "patient-email", message: "Enter the patient's own email address" }]),
    refusal: { "/email": "patient-email" },
  });
  const invite = async (): Promise<void> => {
    const where = { path: { patient_id: patient.id }, body: { email: form.draft.email.trim(), display_name: plainName(patient) } };
    if ((await form.run(where, (key) => api.post("/v1/patients/{patient_id}/invitations", where, { key }))) === undefined) return onRefused();
    onChanged(`${plainName(patient)} was invited. The letter is on its way.`);
  };
  return (
    <DeedFormView form={form} onSend={invite} words="Send the invitation" busyWords="Inviting…" button="nhsuk-button--small">
      <EmailField
        id="patient-email"
        label="Invite them by email"
        hint="Be sure that the address is the patient's own: whoever reads the letter can open the record."
        autocomplete="off"
        value={form.draft.email}
        onValue={(email) => form.change({ email })}
        error={errorOf(form.errors, "patient-email")}
      />
    </DeedFormView>
  );
}

/** Inviting colleagues by mail: who was, what became of it, and taking it back. The link is in the letter alone. */
import { roleFaults, RoleFields } from "../administration/grant_form.tsx";
import { useGrantable, type Grantable } from "../administration/use_organisations.ts";
import { useDeed } from "../api/deeds.ts";
import { everyItem, useLoaded } from "../api/loading.ts";
import type { Account, Invitation, Role } from "../api/types.ts";
import { Address } from "../components/address.tsx";
import { AskingFirst } from "../components/asking_first.tsx";
import { DeedFormView, useDeedForm } from "../components/deed_form.tsx";
import { Done } from "../components/done.tsx";
import { errorOf, type FieldError } from "../components/error_summary.tsx";
import { EmailField, TextField } from "../components/fields.tsx";
import { PageHeading } from "../components/heading.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { Panel, Section } from "../components/section.tsx";
import { useDone } from "../components/use_done.ts";
import { inOrder, INVITATION_STATES, looksLikeAddress, roleName } from "../format/administration.ts";
import { dateAndTime } from "../format/times.ts";
import { useApi } from "../services.ts";

/** They are deleted a month after they lapse: never many. */
const PAGE = 200;

export function InvitationsPage({ account }: { account: Account }) {
  const api = useApi();
  const grantable = useGrantable(account);
  const sent = useLoaded("invitations", (signal) =>
    everyItem((cursor) => api.get("/v1/invitations", { query: { limit: PAGE, cursor } }, signal)),
  );
  const [done, say] = useDone();
  const changed = (words: string): void => {
    sent.reload();
    say(words);
  };
  return (
    <>
      <PageHeading title="Invitations" />
      {done !== null && <Done {...done} />}
      {grantable.status === "loading" && <Loading what="the form" />}
      {grantable.status === "failed" && <LoadFailed what="The form" error={grantable.error} retry={grantable.retry} />}
      {grantable.status === "ready" && <InviteForm grantable={grantable.value} onInvited={changed} />}
      <Section id="sent" title="Who was invited">
        {sent.status === "loading" && <Loading what="invitations" />}
        {sent.status === "failed" && <LoadFailed what="Invitations" error={sent.error} retry={sent.retry} />}
        {sent.status === "ready" && sent.value.length === 0 && <p>Nobody has been invited lately.</p>}
        {sent.status === "ready" &&
          inOrder(sent.value).map((each) => (
            <Sent
              key={each.id}
              invitation={each}
              place={grantable.status === "ready" ? grantable.value.byId.get(each.organisation_id)?.name : undefined}
              onRevoked={changed}
            />
          ))}
      </Section>
    </>
  );
}

interface SentProps {
  invitation: Invitation;
  place: string | undefined;
  onRevoked: (words: string) => void;
}

function Sent({ invitation, place, onRevoked }: SentProps) {
  const api = useApi();
  const deed = useDeed();
  const name = invitation.display_name;
  const revoke = async (): Promise<void> => {
    const path = { invitation_id: invitation.id };
    if ((await deed.run(path, () => api.post("/v1/invitations/{invitation_id}/revoke", { path }))) !== undefined) {
      onRevoked(`The invitation of ${name} was withdrawn.`);
    }
  };
  return (
    <Panel id={`invitation-${invitation.id}`} title={name} size="xs" level={3} tag={INVITATION_STATES[invitation.state]}>
      <p>
        <Address>{invitation.email}</Address>
        <br />
        {invitation.role !== null && roleName(invitation.role)}
        {place !== undefined && `, ${place}`}
      </p>
      <p class="tw-muted tw-small">
        Sent {dateAndTime(invitation.made_at)}
        {invitation.state === "open" && `; good until ${dateAndTime(invitation.expires_at)}`}
      </p>
      {invitation.state === "open" && (
        <AskingFirst words="Withdraw" about={`the invitation of ${name}`} question={`Withdraw the invitation of ${name}?`} yes="Yes, withdraw it" deed={deed} onYes={() => void revoke()}>
          <p>The link in the letter is worthless from then on. You can invite them again.</p>
        </AskingFirst>
      )}
    </Panel>
  );
}

interface Draft {
  readonly name: string;
  readonly email: string;
  readonly role: Role | "";
  readonly place: string;
}

const EMPTY: Draft = { name: "", email: "", role: "", place: "" };
const FIELDS = { "/display_name": "name", "/email": "email", "/role": "role", "/organisation_id": "place" };

function InviteForm({ grantable, onInvited }: { grantable: Grantable; onInvited: (words: string) => void }) {
  const api = useApi();
  const form = useDeedForm<Draft>({ empty: EMPTY, faultsOf, refusal: FIELDS });
  const { draft, errors, change } = form;
  const invite = async (): Promise<void> => {
    if (draft.role === "") return;
    const body = { email: draft.email.trim(), display_name: draft.name.trim(), organisation_id: draft.place, role: draft.role };
    if ((await form.run(body, (key) => api.post("/v1/invitations", { body }, { key }))) === undefined) return;
    onInvited(`${body.display_name} was invited. The letter is on its way.`);
  };
  return (
    <Section id="invite" title="Invite a colleague">
      <p class="tw-prose">
        They get a letter by email with a link, good for 7 days and once, and choose a password that nobody else knows. Patients are
        invited by a clinician who cares for them, not here.
      </p>
      <DeedFormView form={form} onSend={invite} words="Send the invitation" busyWords="Inviting…">
        <TextField id="name" label="Name" hint="As colleagues and patients are to read it" autocomplete="off" value={draft.name} onValue={(name) => change({ name })} error={errorOf(errors, "name")} />
        <EmailField id="email" label="Email address" autocomplete="off" value={draft.email} onValue={(email) => change({ email })} error={errorOf(errors, "email")} />
        <RoleFields grantable={grantable} role={draft.role} place={draft.place} errors={errors} onChange={change} />
      </DeedFormView>
    </Section>
  );
}

function faultsOf({ name, email, ...where }: Draft): FieldError[] {
  const faults: FieldError[] = [];
  if (name.trim() === "") faults.push({ field: "name", message: "Enter their name" });
  if (!looksLikeAddress(email)) faults.push({ field: "email", message: "Enter their email address" });
  return [...faults, ...roleFaults(where)];
}

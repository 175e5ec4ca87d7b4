/** A role for somebody at an organisation that one administers, from when and until when. */
import type { Account, AccountSeen, Role } from "../api/types.ts";
import { DeedFormView, useDeedForm } from "../components/deed_form.tsx";
import { errorOf, type FieldError } from "../components/error_summary.tsx";
import { SelectField } from "../components/fields.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { Section } from "../components/section.tsx";
import { SpanFields } from "../components/span_fields.tsx";
import { flattened, organisationInWords, placesFor, roleName, rolesAmong } from "../format/administration.ts";
import { instantsOf, NO_SPAN, spanFaults, type TypedSpan } from "../format/span_entry.ts";
import { useApi } from "../services.ts";
import { useGrantable, type Grantable } from "./use_organisations.ts";

interface Props {
  account: AccountSeen;
  reader: Account;
  onGranted: (words: string) => void;
}

export function GrantForm({ account, reader, onGranted }: Props) {
  const grantable = useGrantable(reader);
  return (
    <Section id="grant" title="Give a role">
      {grantable.status === "loading" && <Loading what="organisations" />}
      {grantable.status === "failed" && <LoadFailed what="Organisations" error={grantable.error} retry={grantable.retry} />}
      {grantable.status === "ready" && <Form account={account} grantable={grantable.value} onGranted={onGranted} />}
    </Section>
  );
}

interface Draft extends TypedSpan {
  readonly role: Role | "";
  readonly place: string;
}

const EMPTY: Draft = { role: "", place: "", ...NO_SPAN };
const FIELDS = { "/role": "role", "/organisation_id": "place", "/starts_at": "from", "/expires_at": "until" };

interface FormProps {
  account: AccountSeen;
  grantable: Grantable;
  onGranted: (words: string) => void;
}

const SPAN_WORDS = { now: "From now on", later: "From a later day", never: "Until it is ended", on: "Until the end of a day" };

function Form({ account, grantable, onGranted }: FormProps) {
  const api = useApi();
  const form = useDeedForm<Draft>({ empty: EMPTY, faultsOf, refusal: FIELDS });
  const { draft, errors, change } = form;
  const give = async (): Promise<void> => {
    if (draft.role === "") return;
    const where = { path: { account_id: account.id }, body: bodyOf(draft, draft.role) };
    if ((await form.run(where, (key) => api.post("/v1/accounts/{account_id}/memberships", where, { key }))) === undefined) return;
    onGranted(`${account.display_name} was given the role: ${roleName(draft.role)}.`);
  };
  return (
    <DeedFormView form={form} onSend={give} words="Give the role" busyWords="One moment…">
      <RoleFields grantable={grantable} role={draft.role} place={draft.place} errors={errors} onChange={change} />
      <SpanFields span={draft} errors={errors} onChange={change} words={SPAN_WORDS} />
    </DeedFormView>
  );
}

interface RoleProps {
  grantable: Grantable;
  role: Role | "";
  place: string;
  errors: readonly FieldError[];
  onChange: (change: { role?: Role | ""; place?: string }) => void;
}

/** Which role, and where: nothing is offered that the API would refuse for where it is. */
export function RoleFields({ grantable: { trees, roles }, role, place, errors, onChange }: RoleProps) {
  const administered = flattened(trees).map(({ organisation }) => organisation);
  const places = placesFor(role, administered, roles);
  const choose = (chosen: Role | ""): void => {
    const stays = placesFor(chosen, administered, roles).some(({ id }) => id === place);
    onChange({ role: chosen, ...(stays ? {} : { place: "" }) });
  };
  return (
    <>
      <SelectField
        id="role"
        label="Role"
        value={role}
        onValue={(value) => choose(value as Role | "")}
        choices={[{ value: "", words: "Choose" }, ...rolesAmong(administered, roles)]}
        error={errorOf(errors, "role")}
      />
      <SelectField
        id="place"
        label="Where"
        value={place}
        onValue={(value) => onChange({ place: value })}
        hint="Only where this role can be held"
        choices={[{ value: "", words: "Choose" }, ...places.map((each) => ({ value: each.id, words: organisationInWords(each) }))]}
        error={errorOf(errors, "place")}
      />
    </>
  );
}

function faultsOf(draft: Draft): FieldError[] {
  return [...roleFaults(draft), ...spanFaults(draft)];
}

export function roleFaults({ role, place }: Pick<Draft, "role" | "place">): FieldError[] {
  const faults: FieldError[] = [];
  if (role === "") faults.push({ field: "role", message: "Choose a role" });
  if (place === "") faults.push({ field: "place", message: "Choose where" });
  return faults;
}

function bodyOf(draft: Draft, role: Role) {
  const { from, until } = instantsOf(draft);
  return { organisation_id: draft.place, role, starts_at: from, expires_at: until };
}

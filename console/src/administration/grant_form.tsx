/** A role for somebody at an organisation that one administers, from when and until when. */
import type { Account, AccountSeen, Role } from "../api/types.ts";
import { DeedFormView, useDeedForm } from "../components/deed_form.tsx";
import { errorOf, type FieldError } from "../components/error_summary.tsx";
import { SelectField } from "../components/fields.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { SpanFields } from "../components/span_fields.tsx";
import { flattened, organisationInWords, roleName, ROLES, type Branch } from "../format/administration.ts";
import { instantsOf, NO_SPAN, spanFaults, type TypedSpan } from "../format/span_entry.ts";
import { useApi } from "../services.ts";
import { useOrganisations } from "./use_organisations.ts";

interface Props {
  account: AccountSeen;
  reader: Account;
  onGranted: (words: string) => void;
}

export function GrantForm({ account, reader, onGranted }: Props) {
  const organisations = useOrganisations(reader);
  return (
    <section class="tw-section" aria-labelledby="grant">
      <h2 class="nhsuk-heading-m" id="grant">
        Give a role
      </h2>
      {organisations.status === "loading" && <Loading what="organisations" />}
      {organisations.status === "failed" && <LoadFailed what="Organisations" error={organisations.error} retry={organisations.retry} />}
      {organisations.status === "ready" && <Form account={account} trees={organisations.value.trees} onGranted={onGranted} />}
    </section>
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
  trees: readonly Branch[];
  onGranted: (words: string) => void;
}

const SPAN_WORDS = { now: "From now on", later: "From a later day", never: "Until it is ended", on: "Until the end of a day" };

function Form({ account, trees, onGranted }: FormProps) {
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
      <RoleFields trees={trees} role={draft.role} place={draft.place} errors={errors} onChange={change} />
      <SpanFields span={draft} errors={errors} onChange={change} words={SPAN_WORDS} />
    </DeedFormView>
  );
}

interface RoleProps {
  trees: readonly Branch[];
  role: Role | "";
  place: string;
  errors: readonly FieldError[];
  onChange: (change: { role?: Role | ""; place?: string }) => void;
}

/** Which role, and where. What cannot be held there the API says at the field. */
export function RoleFields({ trees, role, place, errors, onChange }: RoleProps) {
  const places = flattened(trees).map(({ organisation }) => ({ value: organisation.id, words: organisationInWords(organisation) }));
  return (
    <>
      <SelectField
        id="role"
        label="Role"
        value={role}
        onValue={(value) => onChange({ role: value as Role | "" })}
        choices={[{ value: "", words: "Choose" }, ...ROLES]}
        error={errorOf(errors, "role")}
      />
      <SelectField
        id="place"
        label="Where"
        value={place}
        onValue={(value) => onChange({ place: value })}
        choices={[{ value: "", words: "Choose" }, ...places]}
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

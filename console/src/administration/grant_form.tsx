/** A role for somebody at an organisation that one administers, from when and until when. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { useDeed } from "../api/deeds.ts";
import type { Account, AccountSeen, Role } from "../api/types.ts";
import { DateField, RadiosField } from "../components/choice_fields.tsx";
import { ErrorSummary, errorOf, type FieldError } from "../components/error_summary.tsx";
import { SelectField } from "../components/fields.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { flattened, organisationInWords, roleName, ROLES, type Branch } from "../format/administration.ts";
import { beginningOf, endOf, isoDate, NO_DATE, type TypedDate } from "../format/date_entry.ts";
import { errorsOf, referenceOf } from "../format/refusals.ts";
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

interface Draft {
  readonly role: Role | "";
  readonly place: string;
  readonly begins: "now" | "later";
  readonly from: TypedDate;
  readonly ends: "never" | "on";
  readonly until: TypedDate;
}

const EMPTY: Draft = { role: "", place: "", begins: "now", from: NO_DATE, ends: "never", until: NO_DATE };
const FIELDS = { "/role": "role", "/organisation_id": "place", "/starts_at": "from", "/expires_at": "until" };

interface FormProps {
  account: AccountSeen;
  trees: readonly Branch[];
  onGranted: (words: string) => void;
}

function Form({ account, trees, onGranted }: FormProps) {
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
    if (found.length > 0 || draft.role === "") return;
    const where = { path: { account_id: account.id }, body: bodyOf(draft, draft.role) };
    if ((await deed.run(where, (key) => api.post("/v1/accounts/{account_id}/memberships", where, { key }))) === undefined) return;
    setDraft(EMPTY);
    onGranted(`${account.display_name} was given the role: ${roleName(draft.role)}.`);
  };
  const errors = deed.error === null ? faults : errorsOf(deed.error, FIELDS);
  return (
    <form class="tw-form" onSubmit={(event) => void submit(event)} noValidate>
      <ErrorSummary errors={errors} reference={deed.error === null ? null : referenceOf(deed.error)} />
      <RoleFields trees={trees} role={draft.role} place={draft.place} errors={errors} onChange={change} />
      <RadiosField
        id="begins"
        legend="From when?"
        value={draft.begins}
        onValue={(begins) => change({ begins })}
        choices={[
          { value: "now", words: "From now on" },
          { value: "later", words: "From a later day" },
        ]}
      />
      {draft.begins === "later" && (
        <DateField id="from" legend="First day" hint="For example, 27 3 2027" value={draft.from} onValue={(from) => change({ from })} error={errorOf(errors, "from")} />
      )}
      <RadiosField
        id="ends"
        legend="Until when?"
        value={draft.ends}
        onValue={(ends) => change({ ends })}
        choices={[
          { value: "never", words: "Until it is ended" },
          { value: "on", words: "Until the end of a day" },
        ]}
      />
      {draft.ends === "on" && (
        <DateField id="until" legend="Last day" hint="For example, 27 3 2027" value={draft.until} onValue={(until) => change({ until })} error={errorOf(errors, "until")} />
      )}
      <button class="nhsuk-button" type="submit" aria-disabled={deed.busy}>
        {deed.busy ? "One moment…" : "Give the role"}
      </button>
    </form>
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

function faultsOf({ role, place, begins, from, ends, until }: Draft): FieldError[] {
  const faults: FieldError[] = [];
  if (role === "") faults.push({ field: "role", message: "Choose a role" });
  if (place === "") faults.push({ field: "place", message: "Choose where" });
  if (begins === "later" && isoDate(from) === null) faults.push({ field: "from", message: "Enter the first day, such as 27 3 2027" });
  if (ends === "on" && isoDate(until) === null) faults.push({ field: "until", message: "Enter the last day, such as 27 3 2027" });
  return faults;
}

function bodyOf({ place, begins, from, ends, until }: Draft, role: Role) {
  const first = begins === "later" ? isoDate(from) : null;
  const last = ends === "on" ? isoDate(until) : null;
  return {
    organisation_id: place,
    role,
    starts_at: first === null ? null : beginningOf(first),
    expires_at: last === null ? null : endOf(last),
  };
}

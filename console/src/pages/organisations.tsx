/** The organisations one administers, as a tree: add below, rename. Nothing of anybody's record is here. */
import { useOrganisations } from "../administration/use_organisations.ts";
import type { Account, Organisation } from "../api/types.ts";
import { DeedFormView, useDeedForm } from "../components/deed_form.tsx";
import { Done } from "../components/done.tsx";
import { errorOf, type FieldError } from "../components/error_summary.tsx";
import { SelectField, TextField } from "../components/fields.tsx";
import { PageHeading } from "../components/heading.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { Renaming } from "../components/renaming.tsx";
import { Section } from "../components/section.tsx";
import { useDone } from "../components/use_done.ts";
import { flattened, KINDS, organisationInWords, type Branch } from "../format/administration.ts";
import { useApi } from "../services.ts";

export function OrganisationsPage({ account }: { account: Account }) {
  const loaded = useOrganisations(account);
  const [done, say] = useDone();
  const changed = (words: string): void => {
    loaded.reload();
    say(words);
  };
  return (
    <>
      <PageHeading title="Organisations" />
      {done !== null && <Done {...done} />}
      {loaded.status === "loading" && <Loading what="organisations" />}
      {loaded.status === "failed" && <LoadFailed what="Organisations" error={loaded.error} retry={loaded.retry} />}
      {loaded.status === "ready" && (
        <>
          <Tree branches={loaded.value.trees} onChanged={changed} />
          <AddForm trees={loaded.value.trees} onAdded={changed} />
        </>
      )}
    </>
  );
}

function Tree({ branches, onChanged }: { branches: readonly Branch[]; onChanged: (words: string) => void }) {
  if (branches.length === 0) return null;
  return (
    <ul class="tw-tree">
      {branches.map(({ organisation, below }) => (
        <li key={organisation.id}>
          <One organisation={organisation} onChanged={onChanged} />
          <Tree branches={below} onChanged={onChanged} />
        </li>
      ))}
    </ul>
  );
}

function One({ organisation, onChanged }: { organisation: Organisation; onChanged: (words: string) => void }) {
  const api = useApi();
  const path = { organisation_id: organisation.id };
  return (
    <div class="tw-organisation">
      <p>
        <strong>{organisation.name}</strong>{" "}
        <span class="tw-muted">
          {KINDS[organisation.kind]}, ODS code {organisation.ods_code}
        </span>
      </p>
      <Renaming
        about={organisation.name}
        read={() => api.read("/v1/organisations/{organisation_id}", { path })}
        rename={(name, tag) => api.put("/v1/organisations/{organisation_id}", { path, body: { name } }, tag)}
        onRenamed={(name) => onChanged(`It is called ${name} now.`)}
      />
    </div>
  );
}

interface Draft {
  readonly parent: string;
  readonly kind: Organisation["kind"] | "";
  readonly name: string;
  readonly code: string;
}

const EMPTY: Draft = { parent: "", kind: "", name: "", code: "" };
const FIELDS = { "/parent_id": "parent", "/kind": "kind", "/name": "name", "/ods_code": "code" };

function AddForm({ trees, onAdded }: { trees: readonly Branch[]; onAdded: (words: string) => void }) {
  const api = useApi();
  const form = useDeedForm<Draft>({ empty: EMPTY, faultsOf, refusal: FIELDS });
  const add = async (): Promise<void> => {
    const { parent, kind, name, code } = form.draft;
    if (kind === "") return;
    const body = { parent_id: parent, kind, name: name.trim(), ods_code: code.trim().toUpperCase() };
    if ((await form.run(body, (key) => api.post("/v1/organisations", { body }, { key }))) !== undefined) onAdded(`${body.name} was added.`);
  };
  return (
    <Section id="add" title="Add an organisation">
      <DeedFormView form={form} onSend={add} words="Add it" busyWords="Adding…">
        <AddFields trees={trees} draft={form.draft} errors={form.errors} onChange={form.change} />
      </DeedFormView>
    </Section>
  );
}

interface FieldsProps {
  trees: readonly Branch[];
  draft: Draft;
  errors: readonly FieldError[];
  onChange: (change: Partial<Draft>) => void;
}

function AddFields({ trees, draft, errors, onChange }: FieldsProps) {
  const places = flattened(trees).map(({ organisation }) => ({ value: organisation.id, words: organisationInWords(organisation) }));
  const kinds = Object.entries(KINDS).map(([value, words]) => ({ value, words }));
  return (
    <>
      <SelectField
        id="parent"
        label="Part of"
        value={draft.parent}
        onValue={(parent) => onChange({ parent })}
        choices={[{ value: "", words: "Choose" }, ...places]}
        error={errorOf(errors, "parent")}
      />
      <SelectField
        id="kind"
        label="What is it?"
        value={draft.kind}
        onValue={(kind) => onChange({ kind: kind as Draft["kind"] })}
        choices={[{ value: "", words: "Choose" }, ...kinds]}
        error={errorOf(errors, "kind")}
      />
      <TextField id="name" label="Name" autocomplete="off" value={draft.name} onValue={(name) => onChange({ name })} error={errorOf(errors, "name")} />
      <TextField
        id="code"
        label="ODS code"
        hint="3 to 10 letters and digits, such as Y99991. It cannot be changed later."
        width="10"
        autocomplete="off"
        value={draft.code}
        onValue={(code) => onChange({ code })}
        error={errorOf(errors, "code")}
      />
    </>
  );
}

function faultsOf({ parent, kind, name, code }: Draft): FieldError[] {
  const faults: FieldError[] = [];
  if (parent === "") faults.push({ field: "parent", message: "Choose what it is part of" });
  if (kind === "") faults.push({ field: "kind", message: "Choose what it is" });
  if (name.trim() === "") faults.push({ field: "name", message: "Enter its name" });
  if (!/^[a-z0-9]{3,10}$/i.test(code.trim())) faults.push({ field: "code", message: "Enter the ODS code: 3 to 10 letters and digits" });
  return faults;
}

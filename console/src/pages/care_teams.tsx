/** Care teams: which clinicians look after which patients together. Whoever is on one sees the patients on its list, at once. */
import { useMemo, useState } from "preact/hooks";
import { useDeed } from "../api/deeds.ts";
import { everyItem, useLoaded, usePages } from "../api/loading.ts";
import type { Account, CareTeam, Patient } from "../api/types.ts";
import { AskingFirst, DeedProblem } from "../components/asking_first.tsx";
import { DeedFormView, useDeedForm } from "../components/deed_form.tsx";
import { Done } from "../components/done.tsx";
import { errorOf } from "../components/error_summary.tsx";
import { SelectField, TextField } from "../components/fields.tsx";
import { PageHeading } from "../components/heading.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { Renaming } from "../components/renaming.tsx";
import { Panel, Section } from "../components/section.tsx";
import { ShowMore } from "../components/show_more.tsx";
import { TeamMembers } from "../components/team_members.tsx";
import { useDone } from "../components/use_done.ts";
import { membersInWords, onTheList, toBePutOn } from "../format/care_teams.ts";
import { bannerName } from "../format/people.ts";
import { bannerDate } from "../format/times.ts";
import { useApi } from "../services.ts";

const PAGE = 50;
const PATIENTS_A_PAGE = 200;

export function CareTeamsPage({ account }: { account: Account }) {
  const api = useApi();
  const pages = usePages<CareTeam>("care teams", (cursor, signal) => api.get("/v1/care-teams", { query: { limit: PAGE, cursor } }, signal));
  const [done, say] = useDone();
  const changed = (words: string): void => {
    pages.reload();
    say(words);
  };
  return (
    <>
      <PageHeading title="Care teams" />
      {done !== null && <Done {...done} />}
      <p class="tw-prose">
        Whoever is on a team sees the patients on its list, from that moment until they are taken off. These are the teams that you are
        on, and those of where you work.
      </p>
      {pages.items.map((team) => (
        <Team key={team.id} team={team} account={account} onChanged={changed} />
      ))}
      {pages.items.length === 0 && pages.status === "ready" && <p>There is no care team yet.</p>}
      {pages.items.length === 0 && pages.status === "loading" && <Loading what="care teams" />}
      {pages.status === "failed" && <LoadFailed what="Care teams" error={pages.error} retry={pages.retry} />}
      <ShowMore pages={pages} what="care teams" />
      <MakeForm account={account} onMade={changed} />
    </>
  );
}

interface TeamProps {
  team: CareTeam;
  account: Account;
  onChanged: (words: string) => void;
}

function Team({ team, account, onChanged }: TeamProps) {
  const api = useApi();
  const path = { care_team_id: team.id };
  return (
    <Panel id={`team-${team.id}`} title={team.name} data-team={team.id}>
      <p>{membersInWords(team, account.id)}</p>
      <Renaming
        about={team.name}
        read={() => api.read("/v1/care-teams/{care_team_id}", { path })}
        rename={(name, tag) => api.put("/v1/care-teams/{care_team_id}", { path, body: { name } }, tag)}
        onRenamed={(name) => onChanged(`The team is called ${name} now.`)}
      />
      <OwnPlace team={team} account={account} onChanged={onChanged} />
      <TeamMembers team={team} account={account} onChanged={onChanged} />
      <Patients team={team} onChanged={onChanged} />
    </Panel>
  );
}

/** One's own place on the team. */
function OwnPlace({ team, account, onChanged }: TeamProps) {
  const api = useApi();
  const deed = useDeed();
  const isOn = team.member_ids.includes(account.id);
  const join = async (): Promise<void> => {
    const where = { path: { care_team_id: team.id }, body: { account_id: account.id } };
    if ((await deed.run(where, (key) => api.post("/v1/care-teams/{care_team_id}/members", where, { key }))) !== undefined) {
      onChanged(`You are on ${team.name}.`);
    }
  };
  const leave = async (): Promise<void> => {
    const path = { care_team_id: team.id, account_id: account.id };
    if ((await deed.run(path, () => api.remove("/v1/care-teams/{care_team_id}/members/{account_id}", { path }))) !== undefined) {
      onChanged(`You have left ${team.name}.`);
    }
  };
  return (
    <div class="tw-own-place">
      <AskingFirst
        key={String(isOn)}
        words={isOn ? "Leave the team" : "Join the team"}
        about={team.name}
        question={isOn ? `Leave ${team.name}?` : `Join ${team.name}?`}
        yes={isOn ? "Yes, leave it" : "Yes, join it"}
        deed={deed}
        onYes={() => void (isOn ? leave() : join())}
      >
        <p>{isOn ? "What you saw through this team alone you see no longer, at once." : "You see the patients on its list at once, and they see in their list of who looked when you do."}</p>
      </AskingFirst>
    </div>
  );
}

interface PatientsProps {
  team: CareTeam;
  onChanged: (words: string) => void;
}

/** Names are loaded when somebody asks for them: that one saw them stands in each person's list of who looked. */
function Patients({ team, onChanged }: PatientsProps) {
  const [open, setOpen] = useState(false);
  return (
    <details class="nhsuk-details tw-history" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class="nhsuk-details__summary">
        <span class="nhsuk-details__summary-text">
          Patients on its list ({team.patient_ids.length})<span class="nhsuk-u-visually-hidden">: {team.name}</span>
        </span>
      </summary>
      <div class="nhsuk-details__text">{open && <List team={team} onChanged={onChanged} />}</div>
    </details>
  );
}

function List({ team, onChanged }: PatientsProps) {
  const api = useApi();
  const loaded = useLoaded("patients", (signal) => everyItem((cursor) => api.get("/v1/patients", { query: { limit: PATIENTS_A_PAGE, cursor } }, signal)));
  if (loaded.status === "loading") return <Loading what="patients" />;
  if (loaded.status === "failed") return <LoadFailed what="Patients" error={loaded.error} retry={loaded.retry} />;
  const listed = onTheList(loaded.value, team);
  return (
    <>
      {listed.length > 0 && (
        <ul class="tw-actions">
          {listed.map((patient) => (
            <OnList key={patient.id} patient={patient} team={team} onChanged={onChanged} />
          ))}
        </ul>
      )}
      <PuttingOn patients={loaded.value} team={team} onChanged={onChanged} />
    </>
  );
}

/** Found by name among one's own patients. */
function PuttingOn({ patients, team, onChanged }: PatientsProps & { patients: readonly Patient[] }) {
  const [typed, setTyped] = useState("");
  const offered = useMemo(() => toBePutOn(patients, team, typed), [patients, team, typed]);
  return (
    <>
      <TextField
        id={`put-${team.id}`}
        label="Put somebody on the list"
        hint="Type a name of one of your patients"
        type="search"
        width="20"
        autocomplete="off"
        value={typed}
        onValue={setTyped}
      />
      <p class="nhsuk-u-visually-hidden" role="status">
        {typed.trim() !== "" && (offered.length === 0 ? "Nobody of that name." : `${offered.length} found.`)}
      </p>
      {typed.trim() !== "" && offered.length === 0 && <p>Nobody of that name, or they are on the list.</p>}
      {offered.length > 0 && (
        <ul class="tw-actions">
          {offered.map((patient) => (
            <ToPutOn key={patient.id} patient={patient} team={team} onChanged={onChanged} />
          ))}
        </ul>
      )}
    </>
  );
}

function named(patient: Patient): string {
  return `${bannerName(patient)}, born ${bannerDate(patient.born_on)}`;
}

interface OneProps extends PatientsProps {
  patient: Patient;
}

function OnList({ patient, team, onChanged }: OneProps) {
  const api = useApi();
  const deed = useDeed();
  const remove = async (): Promise<void> => {
    const path = { care_team_id: team.id, patient_id: patient.id };
    if ((await deed.run(path, () => api.remove("/v1/care-teams/{care_team_id}/patients/{patient_id}", { path }))) !== undefined) {
      onChanged(`${bannerName(patient)} is off the list of ${team.name}.`);
    }
  };
  return (
    <li class="tw-action">
      <div>{named(patient)}</div>
      <AskingFirst words="Take off" about={bannerName(patient)} question={`Take ${bannerName(patient)} off the list?`} yes="Yes, take them off" deed={deed} onYes={() => void remove()}>
        <p>Whoever sees them through this team alone sees them no longer, at once.</p>
      </AskingFirst>
    </li>
  );
}

function ToPutOn({ patient, team, onChanged }: OneProps) {
  const api = useApi();
  const deed = useDeed();
  const add = async (): Promise<void> => {
    const where = { path: { care_team_id: team.id }, body: { patient_id: patient.id } };
    if ((await deed.run(where, (key) => api.post("/v1/care-teams/{care_team_id}/patients", where, { key }))) !== undefined) {
      onChanged(`${bannerName(patient)} is on the list of ${team.name}.`);
    }
  };
  return (
    <li class="tw-action">
      <div>{named(patient)}</div>
      <div>
        <button type="button" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small tw-opener" aria-disabled={deed.busy} onClick={() => void add()}>
          Put on the list<span class="nhsuk-u-visually-hidden"> {bannerName(patient)}</span>
        </button>
        <DeedProblem deed={deed} />
      </div>
    </li>
  );
}

function MakeForm({ account, onMade }: { account: Account; onMade: (words: string) => void }) {
  const api = useApi();
  const places = account.roles.filter(({ role }) => role === "clinician").map(({ organisation: { id, name } }) => ({ value: id, words: name }));
  const form = useDeedForm({
    empty: { name: "", place: places[0]?.value ?? "" },
    faultsOf: ({ name }) => (name.trim() === "" ? [{ field: "team-name", message: "Enter the team's name" }] : []),
    refusal: { "/name": "team-name", "/organisation_id": "team-place" },
  });
  const { draft, errors, change } = form;
  const make = async (): Promise<void> => {
    const body = { organisation_id: draft.place, name: draft.name.trim() };
    if ((await form.run(body, (key) => api.post("/v1/care-teams", { body }, { key }))) === undefined) return;
    onMade(`${body.name} was made. You are its first member.`);
  };
  return (
    <Section id="make" title="Make a care team">
      <DeedFormView form={form} onSend={make} words="Make the team" busyWords="Making…">
        <TextField id="team-name" label="Name of the team" autocomplete="off" value={draft.name} onValue={(name) => change({ name })} error={errorOf(errors, "team-name")} />
        {places.length > 1 && (
          <SelectField id="team-place" label="Where" value={draft.place} onValue={(place) => change({ place })} choices={places} error={errorOf(errors, "team-place")} />
        )}
      </DeedFormView>
    </Section>
  );
}

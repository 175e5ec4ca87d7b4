/** Colleagues on a care team: who they are, taking one off, putting one on by the number of their account. */
import { useDeed } from "../api/deeds.ts";
import type { Account, CareTeam } from "../api/types.ts";
import { accountNumberFault, colleagues } from "../format/care_teams.ts";
import { useApi } from "../services.ts";
import { AskingFirst } from "./asking_first.tsx";
import { DeedFormView, useDeedForm } from "./deed_form.tsx";
import { errorOf } from "./error_summary.tsx";
import { TextField } from "./fields.tsx";

interface Props {
  team: CareTeam;
  account: Account;
  onChanged: (words: string) => void;
}

export function TeamMembers({ team, account, onChanged }: Props) {
  const others = colleagues(team, account.id);
  return (
    <details class="nhsuk-details tw-history">
      <summary class="nhsuk-details__summary">
        <span class="nhsuk-details__summary-text">
          Colleagues on it ({others.length})<span class="nhsuk-u-visually-hidden">: {team.name}</span>
        </span>
      </summary>
      <div class="nhsuk-details__text">
        {others.length > 0 && (
          <ul class="tw-actions">
            {others.map((member) => (
              <OneMember key={member.account_id} member={member} team={team} onChanged={onChanged} />
            ))}
          </ul>
        )}
        <PutOn team={team} onChanged={onChanged} />
      </div>
    </details>
  );
}

interface OneProps extends Omit<Props, "account"> {
  member: CareTeam["members"][number];
}

function OneMember({ member, team, onChanged }: OneProps) {
  const api = useApi();
  const deed = useDeed();
  const { name } = member;
  const takeOff = async (): Promise<void> => {
    const path = { care_team_id: team.id, account_id: member.account_id };
    if ((await deed.run(path, () => api.remove("/v1/care-teams/{care_team_id}/members/{account_id}", { path }))) !== undefined) {
      onChanged(`${name} is off ${team.name}.`);
    }
  };
  return (
    <li class="tw-action">
      <div>{name}</div>
      <AskingFirst words="Take off" about={name} question={`Take ${name} off ${team.name}?`} yes="Yes, take them off" deed={deed} onYes={() => void takeOff()}>
        <p>What they saw through this team alone they see no longer, at once.</p>
      </AskingFirst>
    </li>
  );
}

/** No list of colleagues elsewhere is handed out: who is to be put on says by which number. */
function PutOn({ team, onChanged }: Omit<Props, "account">) {
  const api = useApi();
  const id = `colleague-${team.id}`;
  const form = useDeedForm({
    empty: { number: "" },
    faultsOf: ({ number }) => accountNumberFault(id, number),
    refusal: { "/account_id": id },
  });
  const putOn = async (): Promise<void> => {
    const where = { path: { care_team_id: team.id }, body: { account_id: form.draft.number.trim().toLowerCase() } };
    if ((await form.run(where, (key) => api.post("/v1/care-teams/{care_team_id}/members", where, { key }))) !== undefined) {
      onChanged(`Your colleague is on ${team.name}.`);
    }
  };
  return (
    <DeedFormView form={form} onSend={putOn} words="Put them on the team" busyWords="One moment…" button="nhsuk-button--small">
      <TextField
        id={id}
        label="Put a clinician on the team"
        hint="The number of their account, which they find under Your account and can send to you. Clinicians of the team's own practice can also join by themselves. They see the patients on the list at once."
        autocomplete="off"
        value={form.draft.number}
        onValue={(number) => form.change({ number })}
        error={errorOf(form.errors, id)}
      />
    </DeedFormView>
  );
}

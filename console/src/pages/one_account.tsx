/** One account as an administrator sees it: its name, its roles, and ending what it may do, at once. */
import { useDeed } from "../api/deeds.ts";
import { useLoaded } from "../api/loading.ts";
import type { Account, AccountSeen, Membership } from "../api/types.ts";
import { GrantForm } from "../administration/grant_form.tsx";
import { Address } from "../components/address.tsx";
import { AskingFirst } from "../components/asking_first.tsx";
import { ConfirmingProvider, useConfirmed } from "../components/confirming.tsx";
import { Done } from "../components/done.tsx";
import { Fact } from "../components/fact.tsx";
import { PageHeading } from "../components/heading.tsx";
import { Link } from "../components/link.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { Renaming } from "../components/renaming.tsx";
import { Panel } from "../components/section.tsx";
import { useDone } from "../components/use_done.ts";
import { membershipInWords } from "../format/administration.ts";
import { isChangedMeanwhile } from "../format/refusals.ts";
import { useApi } from "../services.ts";

interface PageProps {
  reader: Account;
  id: string;
}

export function OneAccountPage(props: PageProps) {
  return (
    <ConfirmingProvider>
      <OneAccount {...props} />
    </ConfirmingProvider>
  );
}

function OneAccount({ reader, id }: PageProps) {
  const api = useApi();
  const path = { account_id: id };
  const loaded = useLoaded(id, (signal) => api.read("/v1/accounts/{account_id}", { path }, signal));
  const [done, say] = useDone();
  if (loaded.status === "loading") return <Loading what="the account" />;
  if (loaded.status === "failed") return <Failed error={loaded.error} retry={loaded.retry} />;
  const { value: account, tag } = loaded.value;
  const changed = (words: string): void => {
    loaded.reload();
    say(words);
  };
  return (
    <>
      <PageHeading title={account.display_name} />
      {done !== null && <Done {...done} />}
      <Particulars account={account} onChanged={changed} />
      <Roles account={account} onChanged={changed} />
      {!account.disabled && reader.id !== account.id && <GrantForm account={account} reader={reader} onGranted={changed} />}
      {reader.id === account.id && <p>Nobody gives a role to their own account: ask another administrator.</p>}
      {!account.disabled && reader.id !== account.id && <LostFactors account={account} onChanged={changed} />}
      {!account.disabled && <Disabling account={account} tag={tag} onChanged={changed} reload={loaded.reload} />}
      <p>
        <Link to={{ page: "accounts" }}>Back to accounts</Link>
      </p>
    </>
  );
}

function Failed({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <>
      <PageHeading title="Account" />
      <LoadFailed what="The account" error={error} retry={retry} />
      <p>
        <Link to={{ page: "accounts" }}>Back to accounts</Link>
      </p>
    </>
  );
}

interface PartProps {
  account: AccountSeen;
  onChanged: (words: string) => void;
}

function Particulars({ account, onChanged }: PartProps) {
  const api = useApi();
  const path = { account_id: account.id };
  return (
    <Panel id="particulars" title="Account">
      <dl class="tw-facts">
        <Fact name="Name" value={account.display_name} />
        <Fact name="Email address" value={<Address>{account.email}</Address>} />
        <Fact name="State" value={account.disabled ? "Disabled: it cannot sign in" : "Can sign in"} />
      </dl>
      <Renaming
        about={account.display_name}
        read={async () => {
          const { value, tag } = await api.read("/v1/accounts/{account_id}", { path });
          return { value: { name: value.display_name }, tag };
        }}
        rename={(name, tag) => api.put("/v1/accounts/{account_id}", { path, body: { display_name: name } }, tag)}
        onRenamed={(name) => onChanged(`The account is shown as ${name} now.`)}
      />
    </Panel>
  );
}

function Roles({ account, onChanged }: PartProps) {
  return (
    <Panel id="roles" title="Roles">
      {account.memberships.length === 0 && <p>No staff role. It may be a patient's account, or that of somebody who acts for one.</p>}
      <ul class="tw-actions">
        {account.memberships.map((membership) => (
          <OneRole key={membership.id} membership={membership} onChanged={onChanged} />
        ))}
      </ul>
    </Panel>
  );
}

function OneRole({ membership, onChanged }: { membership: Membership; onChanged: (words: string) => void }) {
  const api = useApi();
  const deed = useDeed();
  const words = membershipInWords(membership, Date.now());
  const end = async (): Promise<void> => {
    const path = { membership_id: membership.id };
    if ((await deed.run(path, () => api.remove("/v1/memberships/{membership_id}", { path }))) !== undefined) onChanged("The role has ended.");
  };
  return (
    <li class="tw-action">
      <div>{words}</div>
      <AskingFirst words="End" about={words} question={`End this role: ${words}?`} yes="Yes, end it now" deed={deed} onYes={() => void end()}>
        <p>What the role opens is closed at once, wherever it is open.</p>
      </AskingFirst>
    </li>
  );
}

/** For who has lost phone and recovery codes. The API wants the administrator to have shown lately that it is they. */
function LostFactors({ account, onChanged }: PartProps) {
  const api = useApi();
  const deed = useDeed();
  const confirmed = useConfirmed();
  const path = { account_id: account.id };
  const reset = async (): Promise<void> => {
    const done = await deed.run(path, (key) => confirmed(() => api.post("/v1/accounts/{account_id}/factors/reset", { path }, { key })));
    if (done !== undefined) onChanged(`${account.display_name} sets the second step up anew at the next sign-in.`);
  };
  return (
    <Panel id="factors" title="A lost second step">
      <p>For somebody who has lost their authenticator app or passkey and their recovery codes.</p>
      <AskingFirst
        words="Remove the second step"
        question={`Remove the second step of ${account.display_name}?`}
        yes="Yes, remove it now"
        deed={deed}
        onYes={() => void reset()}
      >
        <p>
          Be sure by other means than email that it is they who ask: speak to them. They are signed out everywhere, get a letter about it,
          and set it up anew when they next sign in.
        </p>
      </AskingFirst>
    </Panel>
  );
}

interface DisablingProps extends PartProps {
  tag: string;
  reload: () => void;
}

function Disabling({ account, tag, onChanged, reload }: DisablingProps) {
  const api = useApi();
  const deed = useDeed();
  const path = { account_id: account.id };
  const disable = async (): Promise<void> => {
    const done = await deed.run({ path, tag }, (key) => api.post("/v1/accounts/{account_id}/disable", { path }, { key, tag }));
    if (done !== undefined) onChanged("The account is disabled. It was signed out everywhere.");
    else reload();
  };
  return (
    <Panel id="disabling" title="Disable the account">
      <p>Nobody can sign in with it any more, and it is signed out everywhere at once. What it did stays in the record under its name.</p>
      <AskingFirst
        words="Disable this account"
        question={`Disable the account of ${account.display_name}?`}
        yes={isChangedMeanwhile(deed.error) ? "Yes, disable it as it is now" : "Yes, disable it now"}
        deed={deed}
        onYes={() => void disable()}
      >
        <p>It cannot be enabled again: they would need a new account.</p>
      </AskingFirst>
    </Panel>
  );
}

/** One's passkeys: making one on this device, naming and removing them. */
import { useDeed } from "../../api/deeds.ts";
import { useLoaded } from "../../api/loading.ts";
import type { Passkey } from "../../api/types.ts";
import { AskingFirst } from "../../components/asking_first.tsx";
import { useConfirmed } from "../../components/confirming.tsx";
import { useDeedForm, type DeedForm } from "../../components/deed_form.tsx";
import { errorOf } from "../../components/error_summary.tsx";
import { TextField } from "../../components/fields.tsx";
import { LoadFailed, Loading } from "../../components/problem.tsx";
import { Renaming } from "../../components/renaming.tsx";
import { useDone } from "../../components/use_done.ts";
import { errorsOf } from "../../format/refusals.ts";
import { dateAndTime } from "../../format/times.ts";
import { canHavePasskeys, makePasskey, NoPasskey } from "../../passkeys/browser.ts";
import { useApi } from "../../services.ts";
import { AccountFrame } from "./frame.tsx";

export function PasskeysPage() {
  const api = useApi();
  const passkeys = useLoaded("passkeys", (signal) => api.get("/v1/me/passkeys", {}, signal));
  const [done, say] = useDone();
  const changed = (words: string): void => {
    say(words);
    passkeys.reload();
  };
  const making = useNewPasskey(changed);
  return (
    <AccountFrame title="Passkeys" errors={making.form.errors} done={done}>
      <p>
        A passkey signs you in with the fingerprint, face or PIN of your device, in the place of password and code. It cannot be
        guessed or given away to a false page.
      </p>
      {passkeys.status === "loading" && <Loading what="your passkeys" />}
      {passkeys.status === "failed" && <LoadFailed what="Your passkeys" error={passkeys.error} retry={passkeys.retry} />}
      {passkeys.status === "ready" && <List items={passkeys.value.items} onChanged={changed} />}
      <NewPasskey {...making} />
    </AccountFrame>
  );
}

function List({ items, onChanged }: { items: readonly Passkey[]; onChanged: (words: string) => void }) {
  if (items.length === 0) return <p>You have none yet.</p>;
  return (
    <ul class="tw-cards">
      {items.map((one) => (
        <PasskeyCard key={one.id} one={one} onChanged={onChanged} />
      ))}
    </ul>
  );
}

function PasskeyCard({ one, onChanged }: { one: Passkey; onChanged: (words: string) => void }) {
  const api = useApi();
  const path = { passkey_id: one.id };
  return (
    <li class="tw-panel" data-passkey>
      <h2 class="nhsuk-heading-s">{one.name}</h2>
      <p>
        Made {dateAndTime(one.made_at)}. {one.last_used_at === null ? "Not used yet." : `Last used ${dateAndTime(one.last_used_at)}.`}{" "}
        {one.backed_up ? "Kept by your password manager, on all your devices." : "On one device only."}
      </p>
      <Renaming
        about={one.name}
        read={() => api.read("/v1/me/passkeys/{passkey_id}", { path })}
        rename={(name, tag) => api.put("/v1/me/passkeys/{passkey_id}", { path, body: { name } }, tag)}
        onRenamed={(name) => onChanged(`The passkey is now called ${name}`)}
      />
      <Remove one={one} onChanged={onChanged} />
    </li>
  );
}

function Remove({ one, onChanged }: { one: Passkey; onChanged: (words: string) => void }) {
  const api = useApi();
  const confirmed = useConfirmed();
  const deed = useDeed();
  const remove = async (): Promise<void> => {
    const act = (): Promise<void> => confirmed(() => api.remove("/v1/me/passkeys/{passkey_id}", { path: { passkey_id: one.id } }));
    if ((await deed.run(one.id, act)) !== undefined) onChanged(`The passkey ${one.name} is removed`);
  };
  return (
    <AskingFirst words="Remove" about={one.name} question={`Remove ${one.name}?`} yes="Remove it" deed={deed} onYes={() => void remove()}>
      <p>It no longer signs in to Tendwell. Delete it on the device as well.</p>
    </AskingFirst>
  );
}

interface Making {
  readonly form: DeedForm<{ name: string }>;
  readonly make: () => Promise<void>;
}

/** Making one: the browser makes it with the device, between asking the API what to make and telling it what was made. */
function useNewPasskey(onMade: (words: string) => void): Making {
  const api = useApi();
  const confirmed = useConfirmed();
  const form = useDeedForm({
    empty: { name: "" },
    faultsOf: ({ name }) => (name.trim() === "" ? [{ field: "passkey-name", message: "Enter a name by which you will know it" }] : []),
    refusal: (error) => (error instanceof NoPasskey ? [{ field: null, message: error.message }] : errorsOf(error, { "/name": "passkey-name" })),
  });
  const make = async (): Promise<void> => {
    const name = form.draft.name.trim();
    const made = await form.run(name, async () => {
      const { public_key } = await confirmed(() => api.post("/v1/me/passkey-options", {}));
      const credential = await makePasskey(public_key);
      return confirmed(() => api.post("/v1/me/passkeys", { body: { name, credential } }));
    });
    if (made !== undefined) onMade(`The passkey ${name} is made. You can sign in with it`);
  };
  return { form, make };
}

function NewPasskey({ form, make }: Making) {
  if (!canHavePasskeys()) return <p>To make one, open Tendwell in a browser that has passkeys, at its address by name: one in numbers can have none.</p>;
  return (
    <form onSubmit={form.submitted(make)} noValidate>
      <h2 class="nhsuk-heading-m">Make a passkey on this device</h2>
      <TextField
        id="passkey-name"
        label="Name"
        hint="By which you will know it, such as My phone"
        width="20"
        value={form.draft.name}
        onValue={(name) => form.change({ name })}
        error={errorOf(form.errors, "passkey-name")}
      />
      <button class="nhsuk-button" type="submit" aria-disabled={form.busy}>
        {form.busy ? "Waiting for your device…" : "Make a passkey"}
      </button>
    </form>
  );
}

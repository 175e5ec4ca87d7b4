/** Where one is told something: to be confirmed, tried out, removed. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { useDeed } from "#console/api/deeds.ts";
import type { NoticeAddress } from "#console/api/types.ts";
import { useApi } from "#console/services.ts";
import { Input } from "../pieces/fields.tsx";
import { useAppServices } from "../services.ts";
import { useWords } from "../words/use_words.ts";
import { refusalOf } from "./refusals.ts";
import { useToldHere } from "./use_told_here.ts";

interface Props {
  account: string;
  addresses: readonly NoticeAddress[];
  onDone: (words: string) => void;
  reload: () => void;
}

export function Addresses({ account, addresses, onDone, reload }: Props) {
  const { say } = useWords();
  const here = useToldHere(account);
  if (addresses.length === 0) return <p>{say("reminders.where.none")}</p>;
  return (
    <ul class="ta-cards">
      {addresses.map((address) => (
        <li key={address.id} class="ta-card">
          <p>
            <strong>{address.name}</strong>
            <span class="ta-caption">
              {say(`reminders.way.${address.channel}`)}
              {address.id === here && `, ${say("reminders.where.this")}`}
            </span>
          </p>
          {address.confirmed_at === null && (
            <>
              <p>
                <strong class="nhsuk-tag nhsuk-tag--yellow">{say("reminders.where.to_confirm")}</strong>
              </p>
              <Confirm address={address} onDone={onDone} reload={reload} />
            </>
          )}
          <Deeds address={address} isHere={address.id === here} onDone={onDone} />
        </li>
      ))}
    </ul>
  );
}

interface OneProps {
  address: NoticeAddress;
  onDone: (words: string) => void;
}

const SIX = /^\d{6}$/;

function Confirm({ address: { id, name }, onDone, reload }: OneProps & { reload: () => void }) {
  const { say } = useWords();
  const api = useApi();
  const deed = useDeed();
  const [code, setCode] = useState("");
  const [isWrong, setIsWrong] = useState(false);
  const field = `code-${id}`;
  const digits = code.replaceAll(/\s/g, "");
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setIsWrong(!SIX.test(digits));
    deed.clear();
    if (!SIX.test(digits)) return document.getElementById(field)?.focus();
    const path = { address_id: id };
    const made = await deed.run(digits, () => api.post("/v1/me/notifications/addresses/{address_id}/confirmation", { path, body: { code: digits } }));
    if (made !== undefined) return onDone(say("reminders.where.confirmed", { name }));
    document.getElementById(field)?.focus();
    reload();
  };
  const fault = isWrong ? say("reminders.where.wrong_code") : deed.error === null ? null : say(refusalOf(deed.error, "reminders.where.wrong_code"));
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Input
        id={field}
        label={say("reminders.where.code")}
        hint={say("reminders.where.code_hint")}
        value={code}
        onValue={setCode}
        inputMode="numeric"
        width="10"
        maxLength={10}
        faults={fault === null ? [] : [{ field, message: fault }]}
      />
      <button type="submit" class="nhsuk-button nhsuk-button--small" aria-disabled={deed.busy}>
        {say("reminders.where.confirm")}
      </button>
    </form>
  );
}

function Deeds({ address: { id, name, confirmed_at }, isHere, onDone }: OneProps & { isHere: boolean }) {
  const { say } = useWords();
  const api = useApi();
  const { thisPhone } = useAppServices();
  const deed = useDeed();
  const path = { address_id: id };
  const test = () => deed.run("test", (key) => api.post("/v1/me/notifications/addresses/{address_id}/test", { path }, { key }));
  const remove = () => deed.run("remove", () => (isHere ? thisPhone.turnOff() : api.remove("/v1/me/notifications/addresses/{address_id}", { path })));
  return (
    <>
      {deed.error !== null && <p role="alert">{say(refusalOf(deed.error, "reminders.where.too_many"))}</p>}
      <div class="ta-buttons">
        {confirmed_at !== null && (
          <button
            type="button"
            class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
            aria-label={say("reminders.where.test_name", { name })}
            aria-disabled={deed.busy}
            onClick={() => void test().then((made) => made && onDone(say("reminders.where.tested", { name })))}
          >
            {say("reminders.where.test")}
          </button>
        )}
        <button
          type="button"
          class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
          aria-label={say("reminders.where.remove_name", { name })}
          aria-disabled={deed.busy}
          onClick={() => void remove().then((made) => made && onDone(say("reminders.where.removed", { name })))}
        >
          {say("reminders.where.remove")}
        </button>
      </div>
    </>
  );
}

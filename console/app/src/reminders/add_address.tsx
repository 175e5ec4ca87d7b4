/** Add a mobile number, or the account's own email: a code goes there, and comes back by the list. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { useDeed } from "#console/api/deeds.ts";
import type { NoticeAddress, NoticeAddressBody, NoticeChannel } from "#console/api/types.ts";
import { useApi } from "#console/services.ts";
import { Input } from "../pieces/fields.tsx";
import { useWords } from "../words/use_words.ts";
import { refusalOf } from "./refusals.ts";

interface Props {
  offered: readonly NoticeChannel[];
  addresses: readonly NoticeAddress[];
  onDone: (words: string) => void;
}

export function AddAddress({ offered, addresses, onDone }: Props) {
  const { say } = useWords();
  const hasEmail = addresses.some(({ channel, confirmed_at }) => channel === "email" && confirmed_at !== null);
  const mayEmail = offered.includes("email") && !hasEmail;
  if (!offered.includes("sms") && !mayEmail) return null;
  return (
    <>
      <h3 class="nhsuk-heading-s">{say("reminders.add")}</h3>
      {offered.includes("sms") && <AddNumber onDone={onDone} />}
      {mayEmail && <AddEmail onDone={onDone} />}
    </>
  );
}

type DoneProps = Pick<Props, "onDone">;

/** British, as the API takes them: 07… or +447…, with nine digits more. */
const MOBILE = /^(?:0|\+44|0044)7\d{9}$/;

function AddNumber({ onDone }: DoneProps) {
  const { say } = useWords();
  const { add, deed } = useAdding(onDone);
  const [number, setNumber] = useState("");
  const [isWrong, setIsWrong] = useState(false);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const typed = number.trim();
    const isFit = MOBILE.test(typed.replaceAll(/[\s()-]/g, ""));
    setIsWrong(!isFit);
    deed.clear();
    const isAdded = isFit && (await add({ channel: "sms", name: say("reminders.add.number_name", { last: typed.slice(-3) }), number: typed }));
    if (isAdded) setNumber("");
    else document.getElementById("number")?.focus();
  };
  const fault = isWrong ? "reminders.add.number_missing" : deed.error === null ? null : refusalOf(deed.error, "reminders.add.number_missing");
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Input
        id="number"
        label={say("reminders.add.number")}
        hint={say("reminders.add.number_hint")}
        value={number}
        onValue={setNumber}
        inputMode="tel"
        width="20"
        maxLength={30}
        faults={fault === null ? [] : [{ field: "number", message: say(fault) }]}
      />
      <button type="submit" class="nhsuk-button nhsuk-button--secondary" aria-disabled={deed.busy}>
        {say("reminders.add.number_go")}
      </button>
    </form>
  );
}

function AddEmail({ onDone }: DoneProps) {
  const { say } = useWords();
  const { add, deed } = useAdding(onDone);
  return (
    <>
      {deed.error !== null && <p role="alert">{say(refusalOf(deed.error, "reminders.where.too_many"))}</p>}
      <p>{say("reminders.add.email")}</p>
      <button type="button" class="nhsuk-button nhsuk-button--secondary" aria-disabled={deed.busy} onClick={() => void add({ channel: "email", name: say("reminders.add.email_name") })}>
        {say("reminders.add.email_go")}
      </button>
    </>
  );
}

function useAdding(onDone: (words: string) => void) {
  const { say } = useWords();
  const api = useApi();
  const deed = useDeed();
  const add = async (body: NoticeAddressBody): Promise<boolean> => {
    const made = await deed.run(body, (key) => api.post("/v1/me/notifications/addresses", { body }, { key }));
    if (made === undefined) return false;
    const { name, confirmed_at } = made.value;
    onDone(say(confirmed_at === null ? "reminders.add.done" : "reminders.where.confirmed", { name }));
    return true;
  };
  return { add, deed };
}

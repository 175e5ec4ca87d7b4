/** Whether this phone is told, and why not. The browser is asked for its permission only when its owner presses. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { useDeed } from "#console/api/deeds.ts";
import { Input } from "../pieces/fields.tsx";
import { Part, Told } from "../pieces/panels.tsx";
import { useAppServices, useOpened } from "../services.ts";
import { useWords } from "../words/use_words.ts";
import { useToldHere } from "./use_told_here.ts";

interface Props {
  account: string;
  publicKey: string;
  onChanged: () => void;
}

export function PhonePart(props: Props) {
  const { say } = useWords();
  const { browser } = useAppServices().thisPhone;
  const opened = useOpened();
  const [permission, setPermission] = useState(browser.permission());
  const told = useToldHere(props.account);
  const isHeld = opened.status === "open" && opened.isHeld;
  return (
    <Part title={say("reminders.phone")}>
      <Told words={told === null ? say("reminders.phone.off") : say("reminders.phone.on")} />
      {told !== null && <TurnOff {...props} />}
      {told === null && !browser.isAble && <p>{say("reminders.phone.unable")}</p>}
      {told === null && browser.isAble && !isHeld && <p>{say("reminders.phone.not_own")}</p>}
      {told === null && browser.isAble && isHeld && permission === "denied" && <p role="alert">{say("reminders.phone.denied")}</p>}
      {told === null && browser.isAble && isHeld && permission !== "denied" && <TurnOn {...props} permission={permission} onAsked={setPermission} />}
    </Part>
  );
}

interface TurnOnProps extends Props {
  permission: NotificationPermission;
  onAsked: (permission: NotificationPermission) => void;
}

function TurnOn({ account, publicKey, onChanged, permission, onAsked }: TurnOnProps) {
  const { say } = useWords();
  const { thisPhone } = useAppServices();
  const deed = useDeed();
  const [name, setName] = useState(say("reminders.phone.my"));
  const turnOn = async (): Promise<void> => {
    const answer = await thisPhone.browser.ask();
    if (answer === "granted") await thisPhone.turnOn(account, name.trim() || say("reminders.phone.my"), publicKey);
    onAsked(answer);
  };
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    void deed.run(null, turnOn).then(onChanged);
  };
  return (
    <form onSubmit={submit} noValidate>
      {deed.error !== null && <p role="alert">{say("reminders.phone.failed")}</p>}
      <Input id="phone-name" label={say("reminders.phone.name")} value={name} onValue={setName} maxLength={60} />
      {permission === "default" && <p>{say("reminders.phone.ask")}</p>}
      <button type="submit" class="nhsuk-button ta-wide" aria-disabled={deed.busy}>
        {say("reminders.phone.turn_on")}
      </button>
    </form>
  );
}

function TurnOff({ onChanged }: Props) {
  const { say } = useWords();
  const { thisPhone } = useAppServices();
  const deed = useDeed();
  return (
    <>
      {deed.error !== null && <p role="alert">{say("common.failed")}</p>}
      <button
        type="button"
        class="nhsuk-button nhsuk-button--secondary"
        aria-disabled={deed.busy}
        onClick={() => void deed.run(null, () => thisPhone.turnOff()).then(onChanged)}
      >
        {say("reminders.phone.turn_off")}
      </button>
    </>
  );
}

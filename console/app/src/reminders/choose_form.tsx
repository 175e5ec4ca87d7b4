/** Of what one is told, by which ways, when not, and in which language. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { useDeed } from "#console/api/deeds.ts";
import { Refused } from "#console/api/http.ts";
import { useLoaded } from "#console/api/loading.ts";
import type { NoticeAddress, NoticePreference } from "#console/api/types.ts";
import { useApi } from "#console/services.ts";
import type { FieldFault } from "../pieces/faults.ts";
import { Check, Checks, FaultSummary, Input, Radios } from "../pieces/fields.tsx";
import { Part } from "../pieces/panels.tsx";
import { useWords } from "../words/use_words.ts";
import { bodyOf, choiceOf, nowhereBy, withWays, type Choice } from "./preference.ts";

interface Props {
  addresses: readonly NoticeAddress[];
  onDone: (words: string) => void;
}

export function ChooseForm({ addresses, onDone }: Props) {
  const { say } = useWords();
  const api = useApi();
  const loaded = useLoaded("preferences", (signal) => api.read("/v1/me/notifications/preferences", {}, signal));
  return (
    <Part title={say("reminders.choose")}>
      {loaded.status === "loading" && <p role="status">{say("common.loading")}</p>}
      {loaded.status === "failed" && <p role="alert">{say("common.failed")}</p>}
      {loaded.status === "ready" && (
        <Form key={loaded.value.tag} told={loaded.value.value} tag={loaded.value.tag} addresses={addresses} onDone={onDone} reload={loaded.reload} />
      )}
    </Part>
  );
}

interface FormProps extends Props {
  told: NoticePreference;
  tag: string;
  reload: () => void;
}

function Form({ told, tag, addresses, onDone, reload }: FormProps) {
  const { say, lang } = useWords();
  const api = useApi();
  const deed = useDeed();
  const [choice, setChoice] = useState(() => choiceOf(told, lang));
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const { offered } = told;
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const body = bodyOf(choice);
    setFaults(body === null ? [{ field: "quiet-until", message: say("reminders.choose.quiet_wrong") }] : []);
    if (body === null) return;
    const made = await deed.run(body, () => api.put("/v1/me/notifications/preferences", { body }, tag));
    if (made === undefined) return;
    onDone(say("reminders.choose.kept"));
    reload();
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <FaultSummary faults={faults} />
      {deed.error !== null && <NotKept error={deed.error} reload={reload} />}
      <Ways choice={choice} onChoice={setChoice} offered={offered} addresses={addresses} />
      <Quiet choice={choice} onChoice={setChoice} faults={faults} />
      <Radios
        id="notice-language"
        label={say("reminders.choose.language")}
        value={choice.language}
        onValue={(language) => setChoice({ ...choice, language: language === "cy" ? "cy" : "en" })}
        choices={LANGUAGES}
        inline
      />
      <button type="submit" class="nhsuk-button" aria-disabled={deed.busy}>
        {say("common.save")}
      </button>
    </form>
  );
}

interface WaysProps {
  choice: Choice;
  onChoice: (choice: Choice) => void;
  offered: NoticePreference["offered"];
  addresses: readonly NoticeAddress[];
}

function Ways({ choice, onChoice, offered, addresses }: WaysProps) {
  const words = useWords();
  const { say } = words;
  const confirmed = addresses.filter(({ confirmed_at }) => confirmed_at !== null).map(({ channel }) => channel);
  const nowhere = nowhereBy(choice, confirmed, offered);
  return (
    <>
      {choice.chosen.map(({ kind, channels }) => (
        <Checks
          key={kind}
          id={kind}
          label={say(`reminders.kind.${kind}`)}
          values={channels}
          onValues={(ways) => onChoice(withWays(choice, kind, offered, ways))}
          choices={offered.map((way) => ({ value: way, words: say(`reminders.way.${way}`) }))}
        />
      ))}
      {nowhere.length > 0 && <p class="ta-told">{say("reminders.choose.nowhere", { ways: words.list(nowhere.map((way) => say(`reminders.way.${way}`))) })}</p>}
    </>
  );
}

/** Each in its own language. */
const LANGUAGES = [
  { value: "en", words: "English" },
  { value: "cy", words: "Cymraeg" },
] as const;

function Quiet({ choice, onChoice, faults }: { choice: Choice; onChoice: (choice: Choice) => void; faults: readonly FieldFault[] }) {
  const { say } = useWords();
  return (
    <>
      <div class="nhsuk-form-group">
        <div class="nhsuk-checkboxes">
          <Check id="quiet" label={say("reminders.choose.quiet")} isOn={choice.isQuiet} onChange={(isQuiet) => onChoice({ ...choice, isQuiet })} />
        </div>
      </div>
      {choice.isQuiet && (
        <>
          <Input id="quiet-from" type="time" label={say("reminders.choose.from")} hint={say("reminders.choose.quiet_hint")} value={choice.from} onValue={(from) => onChoice({ ...choice, from })} width="10" />
          <Input id="quiet-until" type="time" label={say("reminders.choose.until")} value={choice.until} onValue={(until) => onChoice({ ...choice, until })} width="10" faults={faults} />
        </>
      )}
    </>
  );
}

function NotKept({ error, reload }: { error: unknown; reload: () => void }) {
  const { say } = useWords();
  const isChanged = error instanceof Refused && error.status === 412;
  return (
    <p role="alert">
      {say(isChanged ? "reminders.choose.changed" : "common.failed")}{" "}
      {isChanged && (
        <button type="button" class="tw-as-link" onClick={reload}>
          {say("common.again")}
        </button>
      )}
    </p>
  );
}

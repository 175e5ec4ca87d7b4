/** Why an action is skipped: one of the usual reasons, or one's own words. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import type { FieldFault } from "../pieces/faults.ts";
import { Input, Radios } from "../pieces/fields.tsx";
import { useWords } from "../words/use_words.ts";

const REASONS = ["unwell", "away", "no_time", "no_supplies", "other"] as const;

interface Props {
  id: string;
  onSkip: (why: string) => void;
  onLeave: () => void;
}

export function SkipForm({ id, onSkip, onLeave }: Props) {
  const { say } = useWords();
  const [reason, setReason] = useState("");
  const [text, setText] = useState("");
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const known = REASONS.find((one) => one === reason && one !== "other");
    const why = known === undefined ? text.trim() : say(`today.skip.${known}`);
    if (why === "") return setFaults([{ field: reason === "other" ? `${id}-text` : `${id}-why`, message: say("today.skip_missing") }]);
    onSkip(why);
  };
  const choices = REASONS.map((one) => ({ value: one as string, words: say(`today.skip.${one}`) }));
  return (
    <form onSubmit={submit} noValidate>
      <Radios id={`${id}-why`} label={say("today.why_skip")} hint={say("today.why_skip_hint")} value={reason} onValue={setReason} choices={choices} faults={faults} />
      {reason === "other" && <Input id={`${id}-text`} label={say("today.why_skip")} value={text} onValue={setText} maxLength={200} faults={faults} />}
      <div class="ta-buttons">
        <button type="submit" class="nhsuk-button">
          {say("today.do_skip")}
        </button>
        <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={onLeave}>
          {say("common.cancel")}
        </button>
      </div>
    </form>
  );
}

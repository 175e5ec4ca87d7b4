/** Let all of one's plans rest: why, from which day, and until which, or until one says so. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { useDeed } from "#console/api/deeds.ts";
import { useApi } from "#console/services.ts";
import type { FieldFault } from "../pieces/faults.ts";
import { FaultSummary, Input, Radios } from "../pieces/fields.tsx";
import { Part } from "../pieces/panels.tsx";
import { useWords } from "../words/use_words.ts";
import { bodyOf, faultsOf, KINDS, type PauseDraft, type PauseKind } from "./pausing.ts";

interface Props {
  /** The person's own day, YYYY-MM-DD. */
  today: string;
  patientId: string;
  onDone: (words: string) => void;
}

export function PauseForm({ today, patientId, onDone }: Props) {
  const { say } = useWords();
  const api = useApi();
  const deed = useDeed();
  const [draft, setDraft] = useState<PauseDraft>({ kind: "", from: today, until: "", reason: "" });
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const found = faultsOf(draft, today).map(({ field, fault }) => ({ field, message: say(fault) }));
    setFaults(found);
    const { kind } = draft;
    if (found.length > 0 || kind === "") return;
    const path = { patient_id: patientId };
    const made = await deed.run(draft, (key) => api.post("/v1/patients/{patient_id}/pauses", { path, body: bodyOf({ ...draft, kind }, key) }));
    if (made !== undefined) onDone(say("rests.made"));
  };
  return (
    <Part title={say("rests.add")}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <FaultSummary faults={faults} />
        {deed.error !== null && <p role="alert">{say("common.failed")}</p>}
        <Radios
          id="pause-kind"
          label={say("rests.why")}
          value={draft.kind}
          onValue={(kind) => setDraft({ ...draft, kind: kind as PauseKind })}
          choices={KINDS.map((kind) => ({ value: kind, words: say(`rests.kind.${kind}`) }))}
          faults={faults}
        />
        <Input id="pause-from" type="date" label={say("rests.from")} value={draft.from} onValue={(from) => setDraft({ ...draft, from })} width="10" faults={faults} />
        <Input id="pause-until" type="date" label={say("rests.until")} hint={say("rests.until_hint")} value={draft.until} onValue={(until) => setDraft({ ...draft, until })} width="10" faults={faults} />
        <Input id="pause-reason" label={say("rests.reason")} value={draft.reason} onValue={(reason) => setDraft({ ...draft, reason })} maxLength={500} faults={faults} />
        <button type="submit" class="nhsuk-button" aria-disabled={deed.busy}>
          {say("rests.go")}
        </button>
      </form>
    </Part>
  );
}

/** A note for the diary, and what one notices: each symptom in its own words and steps. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import type { components } from "#console/api/schema.gen.ts";
import { withOffsetOf } from "../days/instants.ts";
import { Area, FaultSummary, Select } from "../pieces/fields.tsx";
import type { FieldFault } from "../pieces/faults.ts";
import { DonePanel, KeptWhere, WhereToTurn } from "../pieces/panels.tsx";
import { useDraft } from "../pieces/draft_kept.ts";
import SYMPTOMS from "../reference/symptoms.json";
import { To } from "../router/to.tsx";
import { useDoing } from "../store/hooks.ts";
import { useWords } from "../words/use_words.ts";

type Noticed = components["schemas"]["NoticedIn"];

interface Written {
  readonly note: string;
  readonly levels: Readonly<Record<string, string>>;
}

const NOTHING: Written = { note: "", levels: {} };
const LEVELS = ["0", "1", "2", "3"];

export function DiaryForm() {
  const words = useWords();
  const { say } = words;
  const { keep } = useDoing();
  const { draft, setDraft, isBack, forget } = useDraft("diary", NOTHING);
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const [isKept, setIsKept] = useState(false);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const symptoms = Object.entries(draft.levels).flatMap(([symptom, level]) => (level === "" ? [] : [{ symptom: symptom as Noticed["symptom"], level: Number(level) }]));
    const note = draft.note.trim();
    if (note === "" && symptoms.length === 0) return setFaults([{ field: "diary-note", message: say("diary.nothing") }]);
    await keep({ kind: "diary_entry", body: { effective_at: withOffsetOf(Date.now(), words.timeZone), note: note === "" ? null : note, symptoms } });
    forget();
    setFaults([]);
    setIsKept(true);
  };
  if (isKept) return <Kept />;
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <FaultSummary faults={faults} />
      {isBack && <p class="ta-told">{say("record.draft_back")}</p>}
      <Area id="diary-note" label={say("diary.note")} hint={say("diary.note_hint")} rows={5} value={draft.note} onValue={(note) => setDraft({ ...draft, note })} faults={faults} />
      <Symptoms levels={draft.levels} onLevel={(key, level) => setDraft({ ...draft, levels: { ...draft.levels, [key]: level } })} />
      <WhereToTurn />
      <button type="submit" class="nhsuk-button ta-wide">
        {say("common.save")}
      </button>
    </form>
  );
}

function Symptoms({ levels, onLevel }: { levels: Written["levels"]; onLevel: (key: string, level: string) => void }) {
  const { say, named } = useWords();
  const choicesOf = (scale: string) => [{ value: "", words: say("diary.not_asked") }, ...LEVELS.map((value) => ({ value, words: named(`level.${scale}`, value) }))];
  return (
    <details class="nhsuk-details" open={Object.keys(levels).length > 0}>
      <summary class="nhsuk-details__summary">
        <span class="nhsuk-details__summary-text">{say("diary.symptoms")}</span>
      </summary>
      <div class="nhsuk-details__text">
        <p>{say("diary.symptoms_hint")}</p>
        {SYMPTOMS.map(({ key, scale }) => (
          <Select key={key} id={`symptom-${key}`} label={named("symptom", key)} value={levels[key] ?? ""} onValue={(level) => onLevel(key, level)} choices={choicesOf(scale)} />
        ))}
      </div>
    </details>
  );
}

function Kept() {
  const { say } = useWords();
  return (
    <DonePanel title={say("diary.kept")}>
      <KeptWhere />
      <To page="check_ins" class="nhsuk-button nhsuk-button--secondary ta-wide">
        {say("checkins.title")}
      </To>
      <WhereToTurn />
    </DonePanel>
  );
}

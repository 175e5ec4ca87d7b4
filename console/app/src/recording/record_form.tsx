/** Record a reading by hand: choose, type, look once more when it is unusual; kept on this phone before it is said to be. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { newClientId } from "#console/api/client_id.ts";
import { useFocusOnShow } from "#console/components/use_focus_on_show.ts";
import { withOffsetOf } from "../days/instants.ts";
import type { FieldFault } from "../pieces/faults.ts";
import { FaultSummary, Input, Radios, Select } from "../pieces/fields.tsx";
import { DonePanel, KeptWhere, WhereToTurn } from "../pieces/panels.tsx";
import { useDraft } from "../pieces/draft_kept.ts";
import { draftInWords, EMPTY, faultsOf, likelierUnit, measuredAnew, measuredAt, readingsOf, unitOf, unusualOf, type Draft } from "../readings/entry.ts";
import { heldReadings } from "../readings/held.ts";
import { unitName } from "../readings/show.ts";
import { RECORDED, SIGNS, type Sign, type Unit } from "../reference/signs.ts";
import { To } from "../router/to.tsx";
import { useCopy, useDoing, useUnsent } from "../store/hooks.ts";
import { useWords } from "../words/use_words.ts";

const PULSE = SIGNS.get("heart_rate");

type Stage = { at: "form" } | { at: "check"; why: readonly string[]; unit: Unit | null } | { at: "kept"; words: string };

interface Props {
  sign: string;
  /** When one was measured that was taken back and is recorded anew here: YYYY-MM-DDTHH:MM:SS, by the clocks of where one is. */
  anew?: string | undefined;
}

export function RecordForm({ sign: first, anew }: Props) {
  const words = useWords();
  const { keep } = useDoing();
  const { draft, setDraft, isBack, forget } = useDraft<Draft>(["reading", first, anew].filter(Boolean).join("."), useBegin(first, anew));
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const [stage, setStage] = useState<Stage>({ at: "form" });
  const before = useLastValue(draft.sign);
  const sign = SIGNS.get(draft.sign);
  const save = async (confirmed: boolean): Promise<void> => {
    if (sign === undefined) return setFaults([{ field: "sign", message: words.say("record.choose") }]);
    const asked = { sign, words, now: Date.now(), pulse: PULSE };
    const found = faultsOf(draft, asked);
    setFaults(found);
    if (found.length > 0) return;
    const why = confirmed ? [] : unusualOf(draft, asked, before);
    if (why.length > 0) return setStage({ at: "check", why, unit: likelierUnit(draft, sign) });
    const at = measuredAt(draft, words.timeZone, asked.now) ?? asked.now;
    const made = { at: anew === undefined || draft.when === "now" ? at : measuredAnew(at, anew), timeZone: words.timeZone, confirmed, newId: newClientId };
    for (const body of readingsOf(draft, sign, made)) await keep({ kind: "reading", body });
    setStage({ at: "kept", words: words.say("record.is", { sign: words.named("sign", sign.key), value: draftInWords(draft, sign, words) }) });
    forget();
  };
  const change = (part: Partial<Draft>): void => setDraft({ ...draft, ...part });
  if (stage.at === "kept") return <Kept said={stage.words} again={() => setStage({ at: "form" })} />;
  if (stage.at === "check" && sign !== undefined) {
    const take = (unit: Unit): void => {
      change({ unit: unit.ucum });
      setStage({ at: "form" });
    };
    const said = words.say("record.is", { sign: words.named("sign", sign.key), value: draftInWords(draft, sign, words) });
    return <Check said={said} why={stage.why} unit={stage.unit} sign={sign} onTake={take} onYes={() => void save(true)} onNo={() => setStage({ at: "form" })} />;
  }
  return <Form draft={draft} faults={faults} isAnew={anew !== undefined} onChange={change} onSave={() => void save(false)} onForget={isBack ? forget : null} />;
}

interface FormProps extends FieldsProps {
  onSave: () => void;
  /** To begin again, where it was begun before. */
  onForget: (() => void) | null;
}

function Form({ draft, faults, isAnew, onChange: change, onSave, onForget }: FormProps) {
  const words = useWords();
  const sign = SIGNS.get(draft.sign);
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    onSave();
  };
  return (
    <form onSubmit={submit} noValidate>
      <FaultSummary faults={faults} />
      {onForget !== null && (
        <p class="ta-told">
          {words.say("record.draft_back")}{" "}
          <button type="button" class="tw-as-link" onClick={onForget}>
            {words.say("record.draft_away")}
          </button>
        </p>
      )}
      <SignChoice value={draft.sign} onValue={(key) => change({ ...EMPTY, sign: key, when: draft.when, at: draft.at })} faults={faults} />
      {sign !== undefined && <ValueFields sign={sign} draft={draft} faults={faults} isAnew={isAnew} onChange={change} />}
      {sign !== undefined && <WhenFields draft={draft} faults={faults} isAnew={isAnew} onChange={change} />}
      <button class="nhsuk-button ta-wide" type="submit">
        {words.say("record.send")}
      </button>
    </form>
  );
}

function useBegin(sign: string, anew: string | undefined): Draft {
  const [begin] = useState<Draft>(() => ({ ...EMPTY, sign: SIGNS.has(sign) ? sign : "", ...(anew !== undefined && { when: "earlier" as const, at: anew.slice(0, "2026-11-24T08:10".length) }) }));
  return begin;
}

/** The last value of a sign, in the unit in which it is kept; null for none. */
function useLastValue(sign: string): number | null {
  const copy = useCopy();
  const unsent = useUnsent();
  if (copy === undefined) return null;
  return heldReadings(copy.observations, unsent).find((one) => one.sign === sign && one.stands !== null)?.value ?? null;
}

function SignChoice({ value, onValue, faults }: { value: string; onValue: (key: string) => void; faults: readonly FieldFault[] }) {
  const words = useWords();
  const choices = [{ value: "", words: words.say("common.choose") }, ...RECORDED.map(({ key }) => ({ value: key as string, words: words.named("sign", key) }))];
  return <Select id="sign" label={words.say("record.what")} value={value} onValue={onValue} choices={choices} faults={faults} />;
}

interface FieldsProps {
  draft: Draft;
  faults: readonly FieldFault[];
  /** In the place of one that was taken back: the pulse beside it stands as it was. */
  isAnew: boolean;
  onChange: (part: Partial<Draft>) => void;
}

function ValueFields({ sign, draft, faults, isAnew, onChange }: FieldsProps & { sign: Sign }) {
  const words = useWords();
  const { say } = words;
  const unit = unitOf(draft, sign)?.ucum;
  const suffix = unitName(sign.key, unit, words);
  const number = { inputMode: sign.decimals === 0 ? "numeric" : "decimal", width: "5", faults } as const;
  if (sign.shape === "coded") {
    const choices = sign.answers.map((code) => ({ value: code, words: words.named("acvpu", code) }));
    return <Radios id="code" label={say("record.answer")} value={draft.code} onValue={(code) => onChange({ code })} choices={choices} faults={faults} />;
  }
  if (sign.shape === "pair") {
    return (
      <>
        <Input {...number} id="systolic" label={say("record.systolic")} suffix={suffix} value={draft.systolic} onValue={(systolic) => onChange({ systolic })} />
        <Input {...number} id="diastolic" label={say("record.diastolic")} suffix={suffix} value={draft.diastolic} onValue={(diastolic) => onChange({ diastolic })} />
        {!isAnew && <Input {...number} id="pulse" label={say("record.pulse")} suffix={unitName("heart_rate", "/min", words)} value={draft.pulse} onValue={(pulse) => onChange({ pulse })} />}
      </>
    );
  }
  const units = sign.units.map(({ ucum }) => ({ value: ucum, words: unitName(sign.key, ucum, words) }));
  const distinct = units.filter((one, place) => units.findIndex(({ words: name }) => name === one.words) === place);
  const limits = (["", "<", ">"] as const).map((value, place) => ({ value: value as string, words: say(LIMITS[place] ?? "record.limit.none") }));
  return (
    <>
      {distinct.length > 1 && <Select id="unit" label={say("record.unit")} value={unit ?? ""} onValue={(chosen) => onChange({ unit: chosen })} choices={distinct} />}
      <Input {...number} id="value" label={say("record.value")} suffix={suffix} value={draft.value} onValue={(value) => onChange({ value })} />
      {sign.comparators && (
        <Select id="comparator" label={say("record.limit")} value={draft.comparator} onValue={(comparator) => onChange({ comparator: comparator as Draft["comparator"] })} choices={limits} />
      )}
    </>
  );
}

const LIMITS = ["record.limit.none", "record.limit.low", "record.limit.high"] as const;

function WhenFields({ draft, faults, onChange }: FieldsProps) {
  const { say, timeZone } = useWords();
  const choose = (when: string): void => onChange({ when: when as Draft["when"], at: draft.at || withOffsetOf(Date.now(), timeZone).slice(0, 16) });
  return (
    <>
      <Radios
        id="when"
        label={say("record.when")}
        value={draft.when}
        onValue={choose}
        inline
        choices={[
          { value: "now", words: say("record.now") },
          { value: "earlier", words: say("record.earlier") },
        ]}
      />
      {draft.when === "earlier" && <Input id="at" type="datetime-local" width="20" label={say("record.at")} value={draft.at} onValue={(at) => onChange({ at })} faults={faults} />}
    </>
  );
}

interface CheckProps {
  said: string;
  why: readonly string[];
  unit: Unit | null;
  sign: Sign;
  onTake: (unit: Unit) => void;
  onYes: () => void;
  onNo: () => void;
}

function Check({ said, why, unit, sign, onTake, onYes, onNo }: CheckProps) {
  const words = useWords();
  const { say } = words;
  const heading = useFocusOnShow();
  const named = unit === null ? "" : unitName(sign.key, unit.ucum, words);
  return (
    <div class="nhsuk-warning-callout">
      <h2 class="nhsuk-warning-callout__label" tabIndex={-1} ref={heading}>
        {say("record.check")}
      </h2>
      <p class="ta-value">{said}</p>
      {why.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {unit !== null && (
        <>
          <p>{say("record.unit_likely", { unit: named })}</p>
          <button type="button" class="nhsuk-button nhsuk-button--secondary ta-wide" onClick={() => onTake(unit)}>
            {say("record.take_unit", { unit: named })}
          </button>
        </>
      )}
      <p>{say("record.measure_again")}</p>
      <div class="ta-buttons">
        <button type="button" class="nhsuk-button ta-wide" onClick={onYes}>
          {say("record.right")}
        </button>
        <button type="button" class="nhsuk-button nhsuk-button--secondary ta-wide" onClick={onNo}>
          {say("record.change_it")}
        </button>
      </div>
      <WhereToTurn />
    </div>
  );
}

function Kept({ said, again }: { said: string; again: () => void }) {
  const { say } = useWords();
  return (
    <DonePanel title={say("record.recorded")}>
      <p class="ta-value">{said}</p>
      <KeptWhere />
      <p>{say("record.nobody_told")}</p>
      <div class="ta-buttons">
        <button type="button" class="nhsuk-button ta-wide" onClick={again}>
          {say("record.another")}
        </button>
        <To page="numbers" class="nhsuk-button nhsuk-button--secondary ta-wide">
          {say("record.see")}
        </To>
      </div>
      <WhereToTurn />
    </DonePanel>
  );
}

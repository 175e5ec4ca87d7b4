/** A new goal, or another wording of one: in one's own words, with a target or without. */
import type { ComponentChildren, TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { Area, FaultSummary, Input, Radios, Select } from "../pieces/fields.tsx";
import type { FieldFault } from "../pieces/faults.ts";
import { useDraft } from "../pieces/draft_kept.ts";
import { useToday } from "../pieces/use_today.ts";
import { unitName } from "../readings/show.ts";
import { RECORDED, SIGNS } from "../reference/signs.ts";
import { useWords } from "../words/use_words.ts";
import { faultsOf, type GoalDraft } from "./draft.ts";
import { sideOf } from "./words_of.ts";

const MEASURES = ["none", "sign", "count"] as const;
const SIDES = ["<", "<=", ">", ">="] as const;
const PER = { "/d": "goals.per.day", "/wk": "goals.per.week", "1": "goals.per.all" } as const;

interface Props {
  /** Under which name it is kept while it is half filled. */
  name: string;
  begin: GoalDraft;
  onSave: (draft: GoalDraft) => Promise<void>;
  after?: ComponentChildren;
}

export function GoalForm({ name, begin, onSave, after }: Props) {
  const words = useWords();
  const { say } = words;
  const { draft, setDraft, isBack, forget } = useDraft(name, begin);
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const today = useToday();
  const change = (part: Partial<GoalDraft>): void => setDraft({ ...draft, ...part });
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const found = faultsOf(draft, words, today());
    setFaults(found);
    if (found.length > 0) return;
    await onSave(draft);
    forget();
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <FaultSummary faults={faults} />
      {isBack && <p class="ta-told">{say("record.draft_back")}</p>}
      <Area id="description" label={say("goals.field.description")} hint={say("goals.field.description_hint")} value={draft.description} onValue={(description) => change({ description })} faults={faults} maxLength={500} />
      <Area id="why" label={say("common.optional", { label: say("goals.field.why") })} value={draft.why} onValue={(why) => change({ why })} maxLength={500} />
      <Radios
        id="measure"
        label={say("goals.field.measure")}
        value={draft.measure}
        onValue={(measure) => change({ measure: measure as GoalDraft["measure"] })}
        choices={MEASURES.map((value) => ({ value: value as string, words: say(`goals.measure.${value}`) }))}
      />
      {draft.measure !== "none" && <TargetFields draft={draft} onChange={change} faults={faults} />}
      <button type="submit" class="nhsuk-button ta-wide">
        {say("common.save")}
      </button>
      {after}
    </form>
  );
}

interface TargetProps {
  draft: GoalDraft;
  onChange: (part: Partial<GoalDraft>) => void;
  faults: readonly FieldFault[];
}

function SignFields({ draft, onChange, faults }: TargetProps) {
  const words = useWords();
  const { say } = words;
  const signs = RECORDED.filter(({ shape }) => shape !== "coded").map(({ key }) => ({ value: key as string, words: words.named("sign", key) }));
  return (
    <>
      <Select
        id="goal-sign"
        label={say("goals.field.sign")}
        value={draft.sign}
        onValue={(key) => onChange({ sign: key })}
        choices={[{ value: "", words: say("common.choose") }, ...signs]}
        faults={faults}
      />
      {SIGNS.get(draft.sign)?.shape === "pair" && (
        <Radios
          id="part"
          label={say("goals.field.part")}
          inline
          value={draft.part}
          onValue={(part) => onChange({ part: part as GoalDraft["part"] })}
          choices={(["systolic", "diastolic"] as const).map((value) => ({ value: value as string, words: words.named("part", value) }))}
        />
      )}
    </>
  );
}

function TargetFields({ draft, onChange, faults }: TargetProps) {
  const words = useWords();
  const { say } = words;
  const sign = SIGNS.get(draft.sign);
  return (
    <>
      {draft.measure === "sign" && <SignFields draft={draft} onChange={onChange} faults={faults} />}
      <Select
        id="side"
        label={say("goals.field.side")}
        value={draft.comparator}
        onValue={(comparator) => onChange({ comparator: comparator as GoalDraft["comparator"] })}
        choices={SIDES.map((value) => ({ value: value as string, words: say(`goals.side_name.${sideOf(value)}`) }))}
      />
      <Input
        id="goal-value"
        label={draft.measure === "count" ? say("goals.field.times") : say("goals.field.value")}
        width="5"
        inputMode="decimal"
        suffix={draft.measure === "sign" && sign !== undefined ? unitName(sign.key, sign.canonical_unit, words) : undefined}
        value={draft.value}
        onValue={(value) => onChange({ value })}
        faults={faults}
      />
      {draft.measure === "count" && <PerField draft={draft} onChange={onChange} />}
      <Input id="due" type="date" width="10" label={say("goals.field.due")} value={draft.due} onValue={(due) => onChange({ due })} faults={faults} />
    </>
  );
}

function PerField({ draft, onChange }: Pick<TargetProps, "draft" | "onChange">) {
  const { say } = useWords();
  return (
    <>
      <Select
        id="per"
        label={say("goals.field.per")}
        value={draft.per}
        onValue={(per) => onChange({ per: per as GoalDraft["per"] })}
        choices={(["/d", "/wk", "1"] as const).map((value) => ({ value: value as string, words: say(PER[value]) }))}
      />
      <p class="ta-note">{say("goals.count_later")}</p>
    </>
  );
}

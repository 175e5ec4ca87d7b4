/** Writing or changing one's plan, in one's own words: kept on the phone while it is half filled, drafted as a whole. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { useToday } from "../pieces/use_today.ts";
import { useDraft } from "../pieces/draft_kept.ts";
import type { FieldFault } from "../pieces/faults.ts";
import { Area, FaultSummary, Input } from "../pieces/fields.tsx";
import { useNetwork } from "../store/hooks.ts";
import type { CarePlan } from "../store/things.ts";
import { daysOn } from "../words/dates.ts";
import { useWords } from "../words/use_words.ts";
import type { Deeds, Failing } from "./deeds.ts";
import { SECTIONS, needsTeam, sectionOf, type CareSection } from "./standing.ts";
import { LATEST_REVIEW_DAYS, draftedOf, faultsOf, typedOf, type Typed } from "./writing.ts";

/** What nearly everybody has something to say about stands open; the rest is a press away. */
const FIRST: readonly CareSection[] = ["matters", "people", "communication"];
const MORE = SECTIONS.filter((section) => !FIRST.includes(section));

interface Props {
  inForce: CarePlan | null;
  deeds: Deeds;
  onDone: () => void;
}

export function WritePlan({ inForce, deeds, onDone }: Props) {
  const { say } = useWords();
  const { online } = useNetwork();
  const { today, begin, draft, setDraft, isBack, faults, failing, submit } = useWriting({ inForce, deeds, onDone });
  const area = (section: CareSection) => <SectionArea key={section} section={section} typed={draft} inForce={inForce} onTyped={setDraft} faults={faults} />;
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <FaultSummary faults={faults} />
      {isBack && <p class="ta-told">{say("record.draft_back")}</p>}
      <p>{say("care.write_intro")}</p>
      {FIRST.map(area)}
      <details class="nhsuk-details" open={MORE.some((section) => begin.text[section] !== draft.text[section])}>
        <summary class="nhsuk-details__summary">
          <span class="nhsuk-details__summary-text">{say("care.write_more")}</span>
        </summary>
        <div class="nhsuk-details__text">{MORE.map(area)}</div>
      </details>
      <Input id="care-review" type="date" width="10" label={say("care.write_review")} value={draft.reviewOn} onValue={(reviewOn) => setDraft({ ...draft, reviewOn })} min={today} max={daysOn(today, LATEST_REVIEW_DAYS)} faults={faults} />
      {failing !== null && (
        <p class="ta-told" role="alert">
          {say(failing)}
        </p>
      )}
      {!online && <p class="ta-told">{say("common.needs_network")}</p>}
      <button type="submit" class="nhsuk-button ta-wide" disabled={deeds.isBusy || !online}>
        {say("care.look_over")}
      </button>
    </form>
  );
}

/** What is typed, what is wrong with it, and drafting it. */
function useWriting({ inForce, deeds, onDone }: Props) {
  const words = useWords();
  const [today] = useState(useToday());
  const [begin] = useState(() => typedOf(inForce, today));
  // Another version in force is another form: what was typed against the one before is not put on top of it.
  const { draft, setDraft, isBack, forget } = useDraft(`care_plan.${inForce?.id ?? "first"}`, begin);
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const [failing, setFailing] = useState<Failing | null>(null);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const found = faultsOf(draft, inForce, words, today);
    setFaults(found);
    if (found.length > 0 || deeds.isBusy) return;
    const failed = await deeds.draft(draftedOf(draft, inForce));
    setFailing(failed);
    if (failed !== null) return;
    forget();
    onDone();
  };
  return { today, begin, draft, setDraft, isBack, faults, failing, submit };
}

interface AreaProps {
  section: CareSection;
  typed: Typed;
  inForce: CarePlan | null;
  onTyped: (typed: Typed) => void;
  faults: readonly FieldFault[];
}

function SectionArea({ section, typed, inForce, onTyped, faults }: AreaProps) {
  const words = useWords();
  const stood = sectionOf(inForce, section);
  const isTheirs = needsTeam({ drafted_as: "self" }, [{ section, was: stood, becomes: null }]);
  const hint = words.say(`care.hint.${section}`);
  return (
    <Area
      id={`care-${section}`}
      label={words.say(`care.section.${section}`)}
      hint={isTheirs ? `${hint} ${words.say("care.write_team")}` : hint}
      value={typed.text[section]}
      onValue={(text) => onTyped({ ...typed, text: { ...typed.text, [section]: text } })}
      rows={4}
      maxLength={4000}
      faults={faults}
    />
  );
}

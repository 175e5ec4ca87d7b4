/** One goal: what it says, how it stands, what one can do with it, how it is going, and what happened to it. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { newClientId } from "#console/api/client_id.ts";
import { useLoaded } from "#console/api/loading.ts";
import { PageHeading } from "#console/components/heading.tsx";
import { useApi } from "#console/services.ts";
import { Area, FaultSummary, Radios } from "../pieces/fields.tsx";
import type { FieldFault } from "../pieces/faults.ts";
import { NotSent, Part, Told } from "../pieces/panels.tsx";
import { To } from "../router/to.tsx";
import { useDoing, useNetwork, useUnsent } from "../store/hooks.ts";
import type { Goal } from "../store/things.ts";
import { useWords } from "../words/use_words.ts";
import { draftOf, targetOf, type GoalDraft } from "./draft.ts";
import { GoalForm } from "./goal_form.tsx";
import { ProgressOfGoal } from "./progress.tsx";
import { statusOf, stepsOf, waitsFor, type Step } from "./steps.ts";
import { listOf, standingInWords, targetInWords } from "./words_of.ts";

export function OneGoal({ goal }: { goal: Goal }) {
  const words = useWords();
  const { say } = words;
  const unsent = useUnsent();
  const { keep } = useDoing();
  const [step, setStep] = useState<Step | "reword" | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const take = async (taken: Step, said: { note: string; achieved: boolean | null }): Promise<void> => {
    await keep({ kind: "goal_status", body: statusOf(goal, taken, said) });
    setStep(null);
    setTold(say(taken === "accept" || taken === "decline" ? "goals.answered" : "goals.changed"));
  };
  const reword = async (draft: GoalDraft): Promise<void> => {
    const { importance, difficulty, baseline, levels } = goal.scale ?? {};
    const scale = goal.scale === null || importance === undefined || difficulty === undefined || baseline === undefined || levels === undefined ? null : { importance, difficulty, baseline, levels };
    const body = { goal_id: goal.id, description: draft.description.trim(), why: draft.why.trim() || null, target: targetOf(draft, goal.target), scale, seen_version: goal.version };
    await keep({ kind: "goal_wording", body });
    setStep(null);
    setTold(say("goals.changed"));
  };
  return (
    <>
      <PageHeading title={goal.description} />
      <Told words={told} />
      <p>
        <strong class="nhsuk-tag nhsuk-tag--blue">{standingInWords(goal, words)}</strong> {waitsFor(goal.id, unsent) && <NotSent />}
      </p>
      {listOf(goal) === "waiting" && <p>{say("goals.proposed_by", { who: words.named("party", goal.proposed_as), date: words.date(goal.proposed_at) })}</p>}
      {goal.why !== null && <p>{say("goals.why", { why: goal.why })}</p>}
      {goal.target !== null && <p>{say("goals.target", { target: targetInWords(goal.target, words) })}</p>}
      {step === null && <StepButtons goal={goal} onStep={(chosen) => (chosen === "accept" || chosen === "begin" || chosen === "resume" ? void take(chosen, { note: "", achieved: null }) : setStep(chosen))} />}
      {step === "reword" && <GoalForm name={`goal.${goal.id}`} begin={draftOf(goal)} onSave={reword} after={<Leave onLeave={() => setStep(null)} />} />}
      {step !== null && step !== "reword" && <StepForm step={step} onTake={(said) => void take(step, said)} onLeave={() => setStep(null)} />}
      <ProgressOfGoal goal={goal} />
      {goal.scale !== null && goal.lifecycle_status !== "proposed" && goal.lifecycle_status !== "planned" && <Rating goal={goal} onRated={() => setTold(say("goals.rated"))} />}
      <History goal={goal} />
    </>
  );
}

function Leave({ onLeave }: { onLeave: () => void }) {
  const { say } = useWords();
  return (
    <button type="button" class="nhsuk-button nhsuk-button--secondary ta-wide" onClick={onLeave}>
      {say("common.cancel")}
    </button>
  );
}

function StepButtons({ goal, onStep }: { goal: Goal; onStep: (step: Step | "reword") => void }) {
  const { say } = useWords();
  const steps = stepsOf(goal, useUnsent());
  if (steps.length === 0) return null;
  const [first, ...others] = steps;
  const adapt = listOf(goal) === "waiting" ? say("goals.adapt") : say("goals.reword");
  return (
    <div class="ta-buttons">
      {first !== undefined && (
        <button type="button" class={`nhsuk-button ${listOf(goal) === "waiting" || first === "begin" || first === "resume" ? "" : "nhsuk-button--secondary"}`} onClick={() => onStep(first)}>
          {say(`goals.${first}`)}
        </button>
      )}
      <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={() => onStep("reword")}>
        {adapt}
      </button>
      {others.map((step) => (
        <button key={step} type="button" class="nhsuk-button nhsuk-button--secondary" onClick={() => onStep(step)}>
          {say(`goals.${step}`)}
        </button>
      ))}
    </div>
  );
}

interface StepProps {
  step: Step;
  onTake: (said: { note: string; achieved: boolean | null }) => void;
  onLeave: () => void;
}

function StepForm({ step, onTake, onLeave }: StepProps) {
  const { say } = useWords();
  const [note, setNote] = useState("");
  const [achieved, setAchieved] = useState("");
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const label = say("common.optional", { label: step === "decline" ? say("goals.decline_why") : say("goals.note") });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (step === "finish" && achieved === "") return setFaults([{ field: "achieved", message: say("goals.scale_choose") }]);
    onTake({ note, achieved: achieved === "" ? null : achieved === "yes" });
  };
  const outcomes = [
    { value: "yes", words: say("goals.reached") },
    { value: "no", words: say("goals.not_reached") },
  ];
  return (
    <form noValidate onSubmit={submit}>
      <FaultSummary faults={faults} />
      {step === "finish" && <Radios id="achieved" label={say("goals.what_came")} value={achieved} onValue={setAchieved} faults={faults} choices={outcomes} />}
      <Area id="note" label={label} value={note} onValue={setNote} maxLength={500} />
      <div class="ta-buttons">
        <button type="submit" class="nhsuk-button">
          {say(`goals.${step}`)}
        </button>
        <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={onLeave}>
          {say("common.cancel")}
        </button>
      </div>
    </form>
  );
}

const LEVELS = [
  ["2", "much_more_than_expected"],
  ["1", "more_than_expected"],
  ["0", "expected"],
  ["-1", "less_than_expected"],
  ["-2", "much_less_than_expected"],
] as const;

/** How close one came, on the scale that was written down beforehand (Goal Attainment Scaling). */
function Rating({ goal, onRated }: { goal: Goal; onRated: () => void }) {
  const { say } = useWords();
  const { keep } = useDoing();
  const [level, setLevel] = useState("");
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const { scale } = goal;
  if (scale === null) return null;
  const choices = LEVELS.map(([value, name]) => ({ value: value as string, words: `${say(`goals.scale.${value}`)}: ${scale.levels[name]}` }));
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (level === "") return setFaults([{ field: "level", message: say("goals.scale_choose") }]);
        setFaults([]);
        void keep({ kind: "goal_rating", body: { goal_id: goal.id, client_id: newClientId(), level: Number(level) } }).then(onRated);
      }}
    >
      <Radios id="level" label={say("goals.scale")} hint={say("goals.scale_hint")} value={level} onValue={setLevel} choices={choices} faults={faults} />
      <button type="submit" class="nhsuk-button">
        {say("goals.rate")}
      </button>
    </form>
  );
}

function History({ goal }: { goal: Goal }) {
  const { say } = useWords();
  const { online } = useNetwork();
  return <Part title={say("goals.history")}>{online ? <LoadedHistory goal={goal} /> : <p>{say("goals.history_offline")}</p>}</Part>;
}

function LoadedHistory({ goal }: { goal: Goal }) {
  const words = useWords();
  const { say } = words;
  const api = useApi();
  const path = { patient_id: goal.patient_id, goal_id: goal.id };
  const loaded = useLoaded(`${goal.id} ${goal.version} ${goal.lifecycle_status}`, (signal) => api.get("/v1/patients/{patient_id}/goals/{goal_id}", { path }, signal));
  if (loaded.status === "loading") return <p role="status">{say("common.loading")}</p>;
  if (loaded.status === "failed") return <p>{say("common.failed")}</p>;
  const { history, former, ratings } = loaded.value;
  return (
    <ul class="ta-lines">
      {history.map((one) => (
        <li key={`step ${one.number}`}>
          {say("goals.step", { date: words.date(one.at), status: words.named("goals.status", one.to_lifecycle_status), who: words.named("party", one.taken_as) })} {one.note}
        </li>
      ))}
      {former.map((one) => (
        <li key={`former ${one.version}`}>{say("goals.former", { date: words.date(one.replaced_at), text: one.description })}</li>
      ))}
      {ratings.map((one) => (
        <li key={one.id}>{say("goals.rating", { date: words.date(one.rated_at), level: words.named("goals.scale", String(one.level)) })}</li>
      ))}
    </ul>
  );
}

/** A goal that is not in the copy. */
export function NoSuchGoal() {
  const { say } = useWords();
  return (
    <>
      <PageHeading title={say("goals.title")} />
      <p>{say("goals.gone")}</p>
      <p>
        <To page="goals">{say("today.all_goals")}</To>
      </p>
    </>
  );
}

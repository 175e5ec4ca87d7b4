/** One's goals: those that wait for an answer, those under way, those that ended; `goals/new`, and `goals/` and an id for one. */
import { useState } from "preact/hooks";
import { PageHeading } from "#console/components/heading.tsx";
import { NEW_GOAL, targetOf, type GoalDraft } from "../goals/draft.ts";
import { GoalForm } from "../goals/goal_form.tsx";
import { NoSuchGoal, OneGoal } from "../goals/one_goal.tsx";
import { WayNow } from "../goals/progress.tsx";
import { listOf, standingInWords, targetInWords } from "../goals/words_of.ts";
import { DonePanel, KeptWhere, NotSent, Part } from "../pieces/panels.tsx";
import { useWholeCopy } from "../pieces/use_whole_copy.ts";
import { To } from "../router/to.tsx";
import { useDoing, useUnsent } from "../store/hooks.ts";
import type { Goal } from "../store/things.ts";
import { useWords } from "../words/use_words.ts";
import type { PageProps } from "./page.ts";

const NEW = "new";

export function GoalsPage({ rest: [which] }: PageProps) {
  const { say } = useWords();
  const copy = useWholeCopy();
  if (copy === undefined) {
    return (
      <>
        <PageHeading title={say("goals.title")} />
        <p class="ta-told">{say("common.no_copy")}</p>
      </>
    );
  }
  if (which === undefined) return <AllGoals goals={[...copy.goals.values()]} />;
  const goal = copy.goals.get(which);
  return (
    <>
      <To page="goals" class="nhsuk-back-link">
        {say("goals.title")}
      </To>
      {which === NEW ? <NewGoal /> : goal === undefined ? <NoSuchGoal /> : <OneGoal key={goal.id} goal={goal} />}
    </>
  );
}

const LISTS = ["waiting", "going", "ended"] as const;

function AllGoals({ goals }: { goals: readonly Goal[] }) {
  const { say } = useWords();
  const waiting = useUnsent().flatMap((one) => (one.kind === "goal" && one.state !== "refused" ? [one] : []));
  return (
    <>
      <PageHeading title={say("goals.title")} />
      {goals.length === 0 && waiting.length === 0 && <p>{say("goals.none")}</p>}
      <p>
        <To page="goals" rest={[NEW]} class="nhsuk-button ta-wide">
          {say("goals.make")}
        </To>
      </p>
      {waiting.map((one) => (
        <div key={one.item} class="ta-card">
          <h2 class="nhsuk-heading-s">{one.body.description}</h2>
          <NotSent />
        </div>
      ))}
      {LISTS.map((list) => {
        const found = goals.filter((goal) => listOf(goal) === list).sort((a, b) => Date.parse(b.status_at) - Date.parse(a.status_at));
        return found.length === 0 ? null : (
          <Part key={list} title={say(`goals.${list}`)}>
            <ul class="ta-cards">
              {found.map((goal) => (
                <GoalCard key={goal.id} goal={goal} />
              ))}
            </ul>
          </Part>
        );
      })}
    </>
  );
}

function GoalCard({ goal }: { goal: Goal }) {
  const words = useWords();
  const { say } = words;
  return (
    <li class="ta-card">
      <h3 class="nhsuk-heading-s">
        <To page="goals" rest={[goal.id]}>
          {goal.description}
        </To>
      </h3>
      <p>
        <strong class="nhsuk-tag nhsuk-tag--blue">{standingInWords(goal, words)}</strong>
      </p>
      {goal.target !== null && <p>{say("goals.target", { target: targetInWords(goal.target, words) })}</p>}
      {listOf(goal) === "going" && <WayNow goal={goal} />}
      {listOf(goal) === "waiting" && <p>{say("goals.proposed_by", { who: words.named("party", goal.proposed_as), date: words.date(goal.proposed_at) })}</p>}
    </li>
  );
}

function NewGoal() {
  const { say } = useWords();
  const { keep } = useDoing();
  const [kept, setKept] = useState<string | null>(null);
  const save = async (draft: GoalDraft): Promise<void> => {
    await keep({ kind: "goal", body: { description: draft.description.trim(), why: draft.why.trim() || null, target: targetOf(draft, null) } });
    setKept(draft.description.trim());
  };
  return (
    <>
      <PageHeading title={say("goals.new")} />
      {kept === null ? (
        <GoalForm name="goal" begin={NEW_GOAL} onSave={save} />
      ) : (
        <DonePanel title={say("goals.kept")}>
          <p class="ta-value">{kept}</p>
          <KeptWhere />
          <To page="goals" class="nhsuk-button nhsuk-button--secondary ta-wide">
            {say("today.all_goals")}
          </To>
        </DonePanel>
      )}
    </>
  );
}

/** One's goals in a line each, for the page of the day: those that wait for an answer first. */
import { To } from "../router/to.tsx";
import type { Goal } from "../store/things.ts";
import { useWords } from "../words/use_words.ts";
import { WayNow } from "./progress.tsx";
import { listOf, standingInWords } from "./words_of.ts";

export function Goals({ goals }: { goals: readonly Goal[] }) {
  const words = useWords();
  const { say } = words;
  const waiting = goals.filter((goal) => listOf(goal) === "waiting").length;
  const going = goals.filter((goal) => listOf(goal) === "going");
  return (
    <>
      {waiting > 0 && (
        <p class="nhsuk-inset-text">
          <To page="goals">{say("today.proposals", { count: waiting })}</To>
        </p>
      )}
      {going.length === 0 && waiting === 0 && <p>{say("goals.none")}</p>}
      <ul class="ta-lines">
        {going.map((goal) => (
          <li key={goal.id}>
            <To page="goals" rest={[goal.id]}>
              {goal.description}
            </To>{" "}
            <strong class="nhsuk-tag nhsuk-tag--blue">{standingInWords(goal, words)}</strong>
            <WayNow goal={goal} />
          </li>
        ))}
      </ul>
      <p>
        <To page="goals">{say("today.all_goals")}</To>
      </p>
    </>
  );
}

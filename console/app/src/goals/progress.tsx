/** How a goal is going, as the API worked it out: with what it rests on, and never without as of when. */
import type { Goal } from "../store/things.ts";
import { useWords } from "../words/use_words.ts";
import { useProgressNow } from "./use_progress_now.ts";
import { listOf, measured, suggestionInWords, type Progress, type Target } from "./words_of.ts";

/** The way to the target in a list of goals, and when it was worked out; nothing where that may not be said. */
export function WayNow({ goal }: { goal: Goal }) {
  const words = useWords();
  const progress = useProgressNow(goal);
  if (progress === null || progress.percent === null) return null;
  return (
    <>
      <Way progress={progress} />
      <p class="ta-note">{words.say("goals.worked_out", { when: words.dateTime(progress.as_of) })}</p>
    </>
  );
}

/** The way to the target. Away from it is said in words: a bar cannot go below nothing. */
function Way({ progress: { percent } }: { progress: Progress }) {
  const { say } = useWords();
  if (percent === null) return null;
  if (percent < 0) return <p>{say("goals.further")}</p>;
  return (
    <p class="ta-way">
      <progress class="ta-way__bar" max={100} value={Math.min(percent, 100)} aria-label={say("goals.progress")} />
      <span>{say("goals.percent", { percent })}</span>
    </p>
  );
}

export function ProgressOfGoal({ goal }: { goal: Goal }) {
  const words = useWords();
  const { say } = words;
  const { target } = goal;
  const progress = useProgressNow(goal);
  if (goal.progress === null || target === null) return null;
  if (progress === null) return listOf(goal) === "going" ? <Outdated /> : null;
  const suggestion = suggestionInWords(progress, words);
  return (
    <section aria-label={say("goals.progress")}>
      <h2 class="nhsuk-heading-m">{say("goals.progress")}</h2>
      {suggestion !== null && <p>{suggestion}</p>}
      <Way progress={progress} />
      <Figures progress={progress} target={target} />
      {progress.data === "enough" && progress.judged > 0 && <p>{say("goals.within", { within: progress.within, judged: progress.judged })}</p>}
      {progress.tally !== null && <p>{say("goals.done_so_far", { count: progress.tally.done })}</p>}
      <p class="ta-note">{say("goals.progress_at", { when: words.dateTime(progress.as_of), count: progress.count })}</p>
    </section>
  );
}

/** What was told of it is no longer how it is. */
function Outdated() {
  const { say } = useWords();
  return (
    <section aria-label={say("goals.progress")}>
      <h2 class="nhsuk-heading-m">{say("goals.progress")}</h2>
      <p>{say("goals.progress_outdated")}</p>
    </section>
  );
}

function Figures({ progress: { baseline, recent, latest }, target }: { progress: Progress; target: Target }) {
  const words = useWords();
  const { say } = words;
  const rows = [
    baseline === null ? null : { name: say("goals.at_start"), value: measured(target, baseline.value, words), note: say("goals.average_of", { count: baseline.count }) },
    recent === null ? null : { name: say("goals.last_week"), value: measured(target, recent.value, words), note: say("goals.average_of", { count: recent.count }) },
    latest === null
      ? null
      : { name: say("goals.newest"), value: `${latest.bound ?? ""} ${measured(target, latest.value, words)}`.trim(), note: words.dateTime(latest.effective_at) + (latest.stale ? `. ${say("numbers.old_words")}` : "") },
  ].filter((row) => row !== null);
  if (rows.length === 0) return null;
  return (
    <dl class="nhsuk-summary-list">
      {rows.map(({ name, value, note }) => (
        <div class="nhsuk-summary-list__row" key={name}>
          <dt class="nhsuk-summary-list__key">{name}</dt>
          <dd class="nhsuk-summary-list__value">
            <strong>{value}</strong> <span class="ta-note">{note}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

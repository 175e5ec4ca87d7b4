/** What the person wants to reach, and what the readings show of it. */
import { usePages, useReloadOn } from "../api/loading.ts";
import type { Goal, Progress, Tally, Target } from "../api/types.ts";
import {
  achievementInWords,
  averaged,
  lifecycleInWords,
  measured,
  periodsInWords,
  shareInWords,
  suggestionInWords,
  targetInWords,
} from "../format/goals.ts";
import { calendarDate } from "../format/times.ts";
import { useApi } from "../services.ts";
import { Age } from "./age.tsx";
import { LoadFailed, Loading } from "./problem.tsx";
import { ShowMore } from "./show_more.tsx";

const PAGE = 50;

interface Props {
  patientId: string;
  none: string;
  /** Grows with each change that arrives live. */
  changes: number;
}

export function Goals({ patientId, none, changes }: Props) {
  const api = useApi();
  const pages = usePages<Goal>(patientId, (cursor, signal) =>
    api.get("/v1/patients/{patient_id}/goals", { path: { patient_id: patientId }, query: { limit: PAGE, cursor } }, signal),
  );
  useReloadOn(changes, pages.reload);
  return (
    <>
      <ul class="tw-cards">
        {pages.items.map((goal) => (
          <GoalCard key={goal.id} goal={goal} />
        ))}
      </ul>
      {pages.items.length === 0 && pages.status === "ready" && <p>{none}</p>}
      {pages.status === "loading" && pages.items.length === 0 && <Loading what="goals" />}
      {pages.status === "failed" && <LoadFailed what="Goals" error={pages.error} retry={pages.retry} />}
      <ShowMore pages={pages} what="goals" />
    </>
  );
}

function GoalCard({ goal }: { goal: Goal }) {
  return (
    <li class="tw-panel">
      <div class="tw-card-head">
        <h2 class="nhsuk-heading-s">{goal.description}</h2>
        <Standing goal={goal} />
      </div>
      {goal.why !== null && <p>Why: {goal.why}</p>}
      {goal.target !== null && (
        <p>
          <strong>Target:</strong> {targetInWords(goal.target)}
        </p>
      )}
      {goal.target !== null && goal.progress !== null && <Measured target={goal.target} progress={goal.progress} />}
      <p class="tw-muted nhsuk-body-s">Since {calendarDate(goal.start_on)}</p>
    </li>
  );
}

function Standing({ goal }: { goal: Goal }) {
  const achievement = goal.achievement_status;
  const active = goal.lifecycle_status === "active";
  return (
    <span class="tw-card-tags">
      {(!active || achievement === null) && <strong class="nhsuk-tag nhsuk-tag--grey">{lifecycleInWords(goal.lifecycle_status)}</strong>}
      {achievement !== null && <strong class="nhsuk-tag">{achievementInWords(achievement)}</strong>}
    </span>
  );
}

function Measured({ target, progress }: { target: Target; progress: Progress }) {
  const suggestion = suggestionInWords(progress);
  const share = shareInWords(progress);
  return (
    <>
      {suggestion !== null && (
        <p>
          <strong>{progress.tally === null ? "What the readings suggest:" : "What was done suggests:"}</strong> {suggestion}
        </p>
      )}
      {progress.percent !== null && <Way percent={progress.percent} />}
      {progress.tally !== null && <Done target={target} tally={progress.tally} />}
      {progress.tally === null && <Figures target={target} progress={progress} />}
      {share !== null && <p>{share}</p>}
    </>
  );
}

function Figures({ target, progress }: { target: Target; progress: Progress }) {
  return (
    <dl class="tw-figures">
      <Figure name="At the start" value={progress.baseline && averaged(target, progress.baseline.value)} note="average" />
      <Figure name="Last 7 days" value={progress.recent && averaged(target, progress.recent.value)} note={countOf(progress.recent?.count)} />
      {progress.latest !== null && (
        <div>
          <dt>Latest</dt>
          <dd>
            <strong>
              {progress.latest.bound} {measured(target, progress.latest.value)}
            </strong>{" "}
            <span class="tw-muted">
              <Age at={progress.latest.effective_at} />
            </span>
          </dd>
        </div>
      )}
    </dl>
  );
}

function Done({ target, tally }: { target: Target; tally: Tally }) {
  const periods = periodsInWords(target, tally);
  return (
    <p>
      {periods ?? `Done so far: ${tally.done}.`}{" "}
      {tally.latest_at !== null && (
        <span class="tw-muted">
          Last noted <Age at={tally.latest_at} />
        </span>
      )}
    </p>
  );
}

function countOf(count: number | undefined): string {
  if (count === undefined) return "";
  return count === 1 ? "1 reading" : `average of ${count} readings`;
}

function Figure({ name, value, note }: { name: string; value: string | null; note: string }) {
  if (value === null) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <strong>{value}</strong> <span class="tw-muted">{note}</span>
      </dd>
    </div>
  );
}

/** The way gone from the start to the target. Away from it is said in words: a bar cannot go below nothing. */
function Way({ percent }: { percent: number }) {
  if (percent < 0) return <p>Further from the target than at the start.</p>;
  return (
    <p class="tw-way">
      <progress class="tw-way__bar" max={100} value={percent} aria-label="Way to the target" />
      <span>{percent}% of the way to the target</span>
    </p>
  );
}

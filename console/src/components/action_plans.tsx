/** The agreed plan: what to do and when, how it has been kept to, and, for the person themselves, "Done". */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { errorInWords, Refused } from "../api/http.ts";
import { newClientId } from "../api/client_id.ts";
import { useLoaded, useReloadOn } from "../api/loading.ts";
import type { Action, ActionPlanDetail, Adherence, Completion } from "../api/types.ts";
import { doneInWords, isEnough, ofToday } from "../format/completions.ts";
import { scheduleInWords } from "../format/schedules.ts";
import { calendarDate, dateAndTime, withOffset, forDateTimeControl } from "../format/times.ts";
import { useSecond } from "../live/ticking.ts";
import { useApi, useSessionState } from "../services.ts";
import { useLiveFacts } from "./live_context.ts";
import { PlanSaid } from "./plan_said.tsx";
import { LoadFailed, Loading } from "./problem.tsx";
import { Panel } from "./section.tsx";
import { useSymptoms } from "./use_symptoms.ts";
import { ZoneNow } from "./zone_now.tsx";

/** Far more than are ever in force at once; a page of the list. */
const MOST_PLANS = 50;

interface Props {
  patientId: string;
  /** Whether the reader may say that an action was done. */
  canComplete: boolean;
  /** Whether the reader cares for the patient by their work: they see zones and what was said of a plan; and may answer it. */
  team?: { readonly canAnswer: boolean };
  none: string;
  /** Grows with each change that arrives live. */
  changes: number;
}

export function ActionPlans({ patientId, canComplete, team, none, changes }: Props) {
  const api = useApi();
  const plans = useLoaded(patientId, async (signal) => {
    const path = { patient_id: patientId };
    const page = await api.get("/v1/patients/{patient_id}/action-plans", { path, query: { limit: MOST_PLANS } }, signal);
    const active = page.items.filter((plan) => plan.status === "active");
    return Promise.all(active.map(({ id }) => api.get("/v1/patients/{patient_id}/action-plans/{plan_id}", { path: { ...path, plan_id: id } }, signal)));
  });
  const symptoms = useSymptoms(team !== undefined);
  useReloadOn(changes, plans.reload);
  if (plans.status === "loading") return <Loading what="the action plan" />;
  if (plans.status === "failed") return <LoadFailed what="The action plan" error={plans.error} retry={plans.retry} />;
  if (plans.value.length === 0) return <p>{none}</p>;
  return (
    <>
      {plans.value.map((plan) => (
        <Plan key={plan.id} plan={plan} canComplete={canComplete} onDone={plans.reload}>
          {team !== undefined && plan.zones.length > 0 && <ZoneNow plan={plan} symptoms={symptoms} changes={changes} />}
          {team !== undefined && <PlanSaid plan={plan} canAnswer={team.canAnswer} onAnswered={plans.reload} />}
        </Plan>
      ))}
    </>
  );
}

interface PlanProps {
  plan: ActionPlanDetail;
  canComplete: boolean;
  onDone: () => void;
  /** What stands before its steps. */
  children: ComponentChildren;
}

function Plan({ plan, canComplete, onDone, children }: PlanProps) {
  const titles = new Map(plan.actions.map((action) => [action.id, action.title]));
  return (
    <Panel id={`plan-${plan.id}`} title={plan.title}>
      <p class="tw-muted">
        Agreed {calendarDate(plan.agreed_on)}. {plan.review_overdue ? "Review was due" : "To be reviewed by"}{" "}
        {calendarDate(plan.review_on)}. {plan.review_overdue && <strong class="nhsuk-tag nhsuk-tag--orange">Review overdue</strong>}
      </p>
      {children}
      <ul class="tw-actions">
        {plan.actions.map((action) => (
          <ActionRow
            key={action.id}
            action={action}
            completions={plan.recent_completions}
            path={{ patient_id: plan.patient_id, plan_id: plan.id, action_id: action.id }}
            canComplete={canComplete}
            onDone={onDone}
          />
        ))}
      </ul>
      {plan.recent_completions.length > 0 && <Recent completions={plan.recent_completions} titles={titles} />}
    </Panel>
  );
}

interface ActionPath {
  patient_id: string;
  plan_id: string;
  action_id: string;
}

interface RowProps {
  action: Action;
  completions: readonly Completion[];
  path: ActionPath;
  canComplete: boolean;
  onDone: () => void;
}

function ActionRow({ action, completions, path, canComplete, onDone }: RowProps) {
  return (
    <li class="tw-action">
      <div>
        <strong>{action.title}</strong>
        <p>{scheduleInWords(action.schedule)}</p>
        {action.instructions !== null && <p>{action.instructions}</p>}
        <p class="tw-muted">{keptInWords(action.adherence)}</p>
      </div>
      {canComplete && <DoneButton action={action} completions={completions} path={path} onDone={onDone} />}
    </li>
  );
}

function keptInWords({ due, done, skipped, missed }: Adherence): string {
  if (due === 0) return "Not due in the last 7 days.";
  const more = [skipped > 0 ? `${skipped} skipped` : "", missed > 0 ? `${missed} missed` : ""].filter((part) => part !== "");
  return `Last 7 days: done ${done} of ${due}${more.length > 0 ? ` (${more.join(", ")})` : ""}.`;
}

/**
 * Records that an action was done, and says when and by whom. One id for one press, kept over failures: pressing again after a
 * lost answer records nothing twice. When all that is due today was done it rests until tomorrow; the API takes nothing back.
 */
function DoneButton({ action, completions, path, onDone }: Omit<RowProps, "canComplete">) {
  useSecond();
  const { now } = useLiveFacts();
  const reader = useReader();
  const { press, busy, made, problem } = useCompleting(path, onDone);
  const today = ofToday([...completions, ...made], action.id, now());
  const enough = isEnough(action.schedule, today);
  const standing = `done-${action.id}`;
  return (
    <div class="tw-action__done">
      <button
        type="button"
        class="nhsuk-button nhsuk-button--small"
        aria-disabled={busy || enough}
        aria-describedby={standing}
        onClick={() => void (enough || press())}
      >
        Done<span class="nhsuk-u-visually-hidden">: {action.title}</span>
      </button>
      <span role="status" class="tw-muted" id={standing}>
        {doneInWords(today, reader)}
      </span>
      {problem !== null && (
        <span role="alert" class="nhsuk-error-message">
          {problem}
        </span>
      )}
    </div>
  );
}

/** The account that reads the page; empty when nobody is signed in. */
function useReader(): string {
  const state = useSessionState();
  return state.status === "signed_in" ? state.account.id : "";
}

function useCompleting(path: ActionPath, onDone: () => void) {
  const api = useApi();
  const [attempt, setAttempt] = useState<{ client_id: string; done_at: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState<readonly Completion[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const press = async (): Promise<void> => {
    if (busy) return;
    const body = attempt ?? { client_id: newClientId(), done_at: withOffset(forDateTimeControl(Date.now())) ?? "" };
    setAttempt(body);
    setBusy(true);
    setProblem(null);
    try {
      const completion = await api.post("/v1/patients/{patient_id}/action-plans/{plan_id}/actions/{action_id}/completions", { path, body });
      setAttempt(null);
      // Said at once: loading the plan anew takes a moment, and may fail.
      setMade((before) => [...before, completion]);
      onDone();
    } catch (error) {
      // An answer that says no settles this press; no answer does not.
      if (error instanceof Refused) setAttempt(null);
      setProblem(errorInWords(error).message);
    }
    setBusy(false);
  };
  return { press, busy, made, problem };
}

function Recent({ completions, titles }: { completions: readonly Completion[]; titles: ReadonlyMap<string, string> }) {
  return (
    <details class="tw-details">
      <summary>What was done lately</summary>
      <table class="nhsuk-table tw-table--small">
        <caption class="nhsuk-u-visually-hidden">Actions done or skipped, latest first</caption>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Action</th>
            <th scope="col">What</th>
          </tr>
        </thead>
        <tbody>
          {completions.map((one) => (
            <tr key={one.id}>
              <td>{dateAndTime(one.done_at)}</td>
              <td>{titles.get(one.action_id) ?? "An earlier action"}</td>
              <td>{one.skipped === null ? `Done${one.note === null ? "" : `: ${one.note}`}` : `Skipped: ${one.skipped}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

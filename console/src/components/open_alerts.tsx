/**
 * Open alerts over one's patients: whom they are about, why, since when, and whether anybody has them. Loaded anew when the
 * feed tells of one, when it comes back, and each minute; what cannot be loaded is said, and never looks like none.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { useDeed } from "../api/deeds.ts";
import { everyItem, useLoaded, useLoadedOnReturn, useReloadOn } from "../api/loading.ts";
import type { Account, OpenAlert } from "../api/types.ts";
import { ALERT_OUTCOMES, announced, isAlertOutcome } from "../format/alerts.ts";
import { bannerName } from "../format/people.ts";
import { errorInWords } from "../api/http.ts";
import { dateAndTime } from "../format/times.ts";
import { useApi } from "../services.ts";
import { SelectField } from "./fields.tsx";
import { Link } from "./link.tsx";
import { LoadFailed } from "./problem.tsx";

const LOOK_AGAIN_MS = 60_000;
const PAGE = 100;

interface Props {
  account: Account;
  /** Grows when something may have changed. */
  changes: number;
}

export function OpenAlerts({ account, changes }: Props) {
  const api = useApi();
  const loaded = useLoaded("open alerts", (signal) =>
    everyItem((cursor) => api.get("/v1/alerts", { query: { limit: PAGE, cursor } }, signal)),
  );
  const reload = useLoadedOnReturn(loaded);
  useReloadOn(changes, reload);
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && reload?.(), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [reload]);
  // Those that are known stay while they cannot be asked for again: an alert must not vanish with the network.
  const known = useRef<readonly OpenAlert[]>([]);
  if (loaded.status === "ready") known.current = loaded.value;
  const alerts = known.current;
  const answers = account.roles.some(({ role }) => role === "clinician");
  return (
    <>
      {loaded.status === "failed" && <LoadFailed what="Alerts" error={loaded.error} retry={loaded.retry} />}
      <p class="nhsuk-u-visually-hidden" role="alert">
        {announced(alerts)}
      </p>
      {alerts.length > 0 && (
        <section class="tw-alerts" aria-labelledby="alerts">
          <h2 class="nhsuk-heading-m" id="alerts" tabIndex={-1}>
            {alerts.length === 1 ? "1 open alert" : `${alerts.length} open alerts`}
          </h2>
          <ul class="tw-alerts__list">
            {alerts.map((alert) => (
              <AlertItem key={alert.id} alert={alert} answers={answers} onDone={() => reload?.()} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function AlertItem({ alert, answers, onDone }: { alert: OpenAlert; answers: boolean; onDone: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const isNew = alert.status === "raised";
  // The button that was pressed is gone once it is done.
  const done = (): void => {
    heading.current?.focus();
    onDone();
  };
  return (
    <li class={`tw-alert ${isNew ? "tw-alert--raised" : ""}`} data-alert={alert.id}>
      <h3 class="tw-alert__who" tabIndex={-1} ref={heading}>
        <Triangle />
        Red alert: <Link to={{ page: "patient", id: alert.patient.id, tab: "overview" }}>{bannerName(alert.patient)}</Link>
        {alert.patient.room !== null && `, room ${alert.patient.room}`}
      </h3>
      <p>
        {alert.reason}. Since <time dateTime={alert.raised_at}>{dateAndTime(alert.raised_at)}</time>.
      </p>
      {alert.evidence_withdrawn && <p>What this rests on was entered in error since.</p>}
      <p>
        <strong>{isNew ? "Nobody has acknowledged this." : `Acknowledged ${dateAndTime(alert.acknowledged_at ?? alert.status_at)}.`}</strong>
      </p>
      {answers && (isNew ? <Acknowledge alert={alert} onDone={done} /> : <Resolve alert={alert} onDone={done} />)}
    </li>
  );
}

function Acknowledge({ alert, onDone }: { alert: OpenAlert; onDone: () => void }) {
  const api = useApi();
  const deed = useDeed();
  const acknowledge = async (): Promise<void> => {
    const what = { path: { patient_id: alert.patient_id, alert_id: alert.id }, body: {} };
    const send = (key: string) => api.post("/v1/patients/{patient_id}/alerts/{alert_id}/acknowledgement", what, { key });
    if ((await deed.run(what, send)) !== undefined) onDone();
  };
  return (
    <>
      <Refusal error={deed.error} onSeen={onDone} />
      <button type="button" class="nhsuk-button nhsuk-button--small" aria-disabled={deed.busy} onClick={() => void acknowledge()}>
        {deed.busy ? "One moment…" : "Acknowledge"}
        <span class="nhsuk-u-visually-hidden"> the alert about {bannerName(alert.patient)}</span>
      </button>
    </>
  );
}

function Resolve({ alert, onDone }: { alert: OpenAlert; onDone: () => void }) {
  const api = useApi();
  const deed = useDeed();
  const [outcome, setOutcome] = useState("");
  const resolve = async (): Promise<void> => {
    if (!isAlertOutcome(outcome)) return;
    const what = { path: { patient_id: alert.patient_id, alert_id: alert.id }, body: { outcome } };
    const send = (key: string) => api.post("/v1/patients/{patient_id}/alerts/{alert_id}/resolution", what, { key });
    if ((await deed.run(what, send)) !== undefined) onDone();
  };
  const choices = [{ value: "", words: "Choose…" }, ...Object.entries(ALERT_OUTCOMES).map(([value, words]) => ({ value, words }))];
  return (
    <form
      class="tw-alert__outcome"
      onSubmit={(event) => {
        event.preventDefault();
        void resolve();
      }}
    >
      <Refusal error={deed.error} onSeen={onDone} />
      <SelectField id={`outcome-${alert.id}`} label="What came of it?" value={outcome} onValue={setOutcome} choices={choices} />
      <button type="submit" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" aria-disabled={outcome === "" || deed.busy}>
        Close the alert
        <span class="nhsuk-u-visually-hidden"> about {bannerName(alert.patient)}</span>
      </button>
    </form>
  );
}

/** Why it was not done: somebody else may have been first, so that what stands is asked for again. */
function Refusal({ error, onSeen }: { error: unknown; onSeen: () => void }) {
  const latest = useRef(onSeen);
  latest.current = onSeen;
  useEffect(() => {
    if (error !== null) latest.current();
  }, [error]);
  if (error === null) return null;
  return (
    <p class="nhsuk-error-message" role="alert">
      {errorInWords(error).message}
    </p>
  );
}

/** A triangle with a mark: told apart without colour. */
function Triangle() {
  return (
    <svg class="tw-alert__shape" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      <path d="M10 1l9 17H1z" fill="currentColor" />
      <path d="M10 7v5M10 14.2v1.8" stroke="#fff" stroke-width="2" />
    </svg>
  );
}

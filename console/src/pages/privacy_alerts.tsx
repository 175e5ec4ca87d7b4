/** What privacy officers look into: who opened a record in an emergency, when and why. It names no patient unless asked. */
import { useState } from "preact/hooks";
import { useDeed } from "../api/deeds.ts";
import { usePages } from "../api/loading.ts";
import type { PrivacyAlert } from "../api/types.ts";
import { AskingFirst } from "../components/asking_first.tsx";
import { RadiosField } from "../components/choice_fields.tsx";
import { DeedFormView, useDeedForm } from "../components/deed_form.tsx";
import { Done } from "../components/done.tsx";
import { errorOf } from "../components/error_summary.tsx";
import { SelectField, TextArea } from "../components/fields.tsx";
import { PageHeading } from "../components/heading.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { ShowMore } from "../components/show_more.tsx";
import { useDone } from "../components/use_done.ts";
import { ALERT_STATES, outcomesFor, reasonInWords } from "../format/emergency.ts";
import { dateAndTime } from "../format/times.ts";
import { useApi } from "../services.ts";

const PAGE = 50;

type State = PrivacyAlert["state"];
type Outcome = Exclude<State, "open">;

const FILTER: readonly { value: State | "all"; words: string }[] = [
  { value: "open", words: "To be looked into" },
  { value: "escalated", words: "Passed on" },
  { value: "all", words: "All" },
];

export function PrivacyAlertsPage() {
  const api = useApi();
  const [state, setState] = useState<State | "all">("open");
  const pages = usePages<PrivacyAlert>(`alerts ${state}`, (cursor, signal) =>
    api.get("/v1/privacy-alerts", { query: { state: state === "all" ? null : state, limit: PAGE, cursor } }, signal),
  );
  const [done, say] = useDone();
  const reviewed = (words: string): void => {
    pages.reload();
    say(words);
  };
  return (
    <>
      <PageHeading title="Privacy alerts" />
      {done !== null && <Done {...done} />}
      <p class="tw-prose">
        Each time a clinician opens a record in an emergency you are to find out whether there was good reason. The alerts name no
        patient; if you ask whose record it was, the person sees that you asked.
      </p>
      <SelectField
        id="state"
        label="Show"
        value={state}
        onValue={(value) => setState(FILTER.find((each) => each.value === value)?.value ?? "open")}
        choices={FILTER}
      />
      {pages.items.map((each) => (
        <Alert key={each.id} alert={each} onReviewed={reviewed} />
      ))}
      {pages.items.length === 0 && pages.status === "ready" && <p>{state === "open" ? "Nothing is to be looked into." : "There is nothing here."}</p>}
      {pages.items.length === 0 && pages.status === "loading" && <Loading what="alerts" />}
      {pages.status === "failed" && <LoadFailed what="Alerts" error={pages.error} retry={pages.retry} />}
      <ShowMore pages={pages} what="alerts" />
    </>
  );
}

interface AlertProps {
  alert: PrivacyAlert;
  onReviewed: (words: string) => void;
}

function Alert({ alert, onReviewed }: AlertProps) {
  const { words, colour } = ALERT_STATES[alert.state];
  const outcomes = outcomesFor(alert.state);
  return (
    <section class="tw-panel" aria-labelledby={`alert-${alert.id}`} data-alert={alert.id}>
      <div class="tw-card-head">
        <h2 class="nhsuk-heading-s" id={`alert-${alert.id}`}>
          {alert.clinician}, {dateAndTime(alert.raised_at)}
        </h2>
        <span class="tw-card-tags">
          <strong class={`nhsuk-tag nhsuk-tag--${colour}`}>{words}</strong>
        </span>
      </div>
      <dl class="tw-facts">
        <Fact name="Works at" value={alert.organisation.name} />
        <Fact name="The patient's practice" value={alert.practice.name} />
        <Fact name="Reason given" value={`${reasonInWords(alert.reason_code)}: ${alert.reason}`} />
        <Fact name="Open until" value={alert.ended_at === null ? dateAndTime(alert.until_at) : `${dateAndTime(alert.ended_at)}, closed by themself`} />
        {alert.note !== null && <Fact name="What was found" value={alert.note} />}
        {alert.reviewed_at !== null && <Fact name="Looked into" value={`${dateAndTime(alert.reviewed_at)}${alert.reviewer === null ? "" : ` by ${alert.reviewer}`}`} />}
      </dl>
      <WhoseRecord alertId={alert.id} about={`${alert.clinician}, ${dateAndTime(alert.raised_at)}`} />
      {outcomes.length > 0 && <ReviewForm alert={alert} outcomes={outcomes} onReviewed={onReviewed} />}
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="tw-typed">{value}</dd>
    </div>
  );
}

/** Told on asking alone: the question itself stands in the person's access log. */
function WhoseRecord({ alertId, about }: { alertId: string; about: string }) {
  const api = useApi();
  const deed = useDeed();
  const [patientId, setPatientId] = useState<string | null>(null);
  const ask = async (): Promise<void> => {
    const done = await deed.run(null, () => api.get("/v1/privacy-alerts/{alert_id}", { path: { alert_id: alertId } }));
    if (done !== undefined) setPatientId(done.value.patient_id);
  };
  if (patientId !== null) {
    return (
      <p role="status">
        It was record <strong class="tw-address">{patientId}</strong>. The patient's practice can tell whose that is.
      </p>
    );
  }
  return (
    <AskingFirst words="Ask whose record it was" about={`(${about})`} question="Ask whose record it was?" yes="Yes, ask" deed={deed} onYes={() => void ask()}>
      <p>The person sees in their list of who looked that you asked. You get the record's number, not what is in it.</p>
    </AskingFirst>
  );
}

interface ReviewProps {
  alert: PrivacyAlert;
  outcomes: ReturnType<typeof outcomesFor>;
  onReviewed: (words: string) => void;
}

interface ReviewDraft {
  readonly state: Outcome | "";
  readonly note: string;
}

const EMPTY: ReviewDraft = { state: "", note: "" };
const LONGEST = 1000;

function ReviewForm({ alert, outcomes, onReviewed }: ReviewProps) {
  const api = useApi();
  const [stateId, noteId] = [`outcome-${alert.id}`, `note-${alert.id}`];
  const form = useDeedForm<ReviewDraft>({
    empty: EMPTY,
    faultsOf: ({ state, note }) => [
      ...(state === "" ? [{ field: stateId, message: "Choose what came of it" }] : []),
      ...(note.trim() === "" ? [{ field: noteId, message: "Say what you found" }] : []),
    ],
    refusal: { "/state": stateId, "/note": noteId },
  });
  const { draft, errors, change } = form;
  const save = async (): Promise<void> => {
    const { state, note } = draft;
    if (state === "") return;
    const where = { path: { alert_id: alert.id }, body: { state, note: note.trim() } };
    const done = await form.run(where, (key) => api.post("/v1/privacy-alerts/{alert_id}/review", where, { key }));
    if (done !== undefined) onReviewed(`${alert.clinician}: ${ALERT_STATES[state].words.toLocaleLowerCase("en-GB")}.`);
  };
  return (
    <details class="nhsuk-details tw-history">
      <summary class="nhsuk-details__summary">
        <span class="nhsuk-details__summary-text">
          Say what came of it<span class="nhsuk-u-visually-hidden">: {alert.clinician}, {dateAndTime(alert.raised_at)}</span>
        </span>
      </summary>
      <DeedFormView form={form} onSend={save} words="Save" busyWords="Saving…" button="nhsuk-button--small" class="nhsuk-details__text">
        <RadiosField id={stateId} legend="What came of it?" value={draft.state} onValue={(state) => change({ state })} choices={outcomes} error={errorOf(errors, stateId)} />
        <TextArea id={noteId} label="What did you find?" value={draft.note} onValue={(note) => change({ note })} maxLength={LONGEST} error={errorOf(errors, noteId)} />
      </DeedFormView>
    </details>
  );
}

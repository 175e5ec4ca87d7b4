/** What privacy officers look into: who opened a record in an emergency, when and why. It names no patient unless asked. */
import { useEffect, useRef, useState } from "preact/hooks";
import { useDeed } from "../api/deeds.ts";
import { usePages } from "../api/loading.ts";
import type { PrivacyAlert, PrivacyAlertDetail } from "../api/types.ts";
import { AskingFirst } from "../components/asking_first.tsx";
import { RadiosField } from "../components/choice_fields.tsx";
import { CopyButton } from "../components/copying.tsx";
import { DeedFormView, useDeedForm } from "../components/deed_form.tsx";
import { Done } from "../components/done.tsx";
import { errorOf } from "../components/error_summary.tsx";
import { Fact } from "../components/fact.tsx";
import { SelectField, TextArea } from "../components/fields.tsx";
import { PageHeading } from "../components/heading.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { Panel } from "../components/section.tsx";
import { ShowMore } from "../components/show_more.tsx";
import { useDone } from "../components/use_done.ts";
import { ALERT_STATES, outcomesFor, reasonInWords, untilInWords } from "../format/emergency.ts";
import { nhsNumber, plainName } from "../format/people.ts";
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
  const [told, tell] = useTold();
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
        <Alert key={each.id} alert={each} told={told.get(each.id)} onTold={tell} onReviewed={reviewed} />
      ))}
      {pages.items.length === 0 && pages.status === "ready" && <p>{state === "open" ? "Nothing is to be looked into." : "There is nothing here."}</p>}
      {pages.items.length === 0 && pages.status === "loading" && <Loading what="alerts" />}
      {pages.status === "failed" && <LoadFailed what="Alerts" error={pages.error} retry={pages.retry} />}
      <ShowMore pages={pages} what="alerts" />
    </>
  );
}

/** Whose records the reader was told, by alert: the page's own, so that another filter does not lose it. */
function useTold(): [ReadonlyMap<string, PrivacyAlertDetail>, (whose: PrivacyAlertDetail) => void] {
  const [told, setTold] = useState<ReadonlyMap<string, PrivacyAlertDetail>>(new Map());
  return [told, (whose) => setTold((before) => new Map(before).set(whose.id, whose))];
}

interface AlertProps extends WhoseProps {
  onReviewed: (words: string) => void;
}

function Alert({ onReviewed, ...whose }: AlertProps) {
  const { alert } = whose;
  const outcomes = outcomesFor(alert.state);
  return (
    <Panel
      id={`alert-${alert.id}`}
      title={`${alert.clinician}, ${dateAndTime(alert.raised_at)}`}
      data-alert={alert.id}
      tag={ALERT_STATES[alert.state]}
    >
      <dl class="tw-facts">
        <Fact name="Works at" value={alert.organisation.name} />
        <Fact name="The patient's practice" value={alert.practice.name} />
        <Fact name="Reason given" value={`${reasonInWords(alert.reason_code)}: ${alert.reason}`} />
        <Fact name="Open until" value={untilInWords(alert)} />
        {alert.note !== null && <Fact name="What was found" value={alert.note} />}
        {alert.reviewed_at !== null && <Fact name="Looked into" value={`${dateAndTime(alert.reviewed_at)}${alert.reviewer === null ? "" : ` by ${alert.reviewer}`}`} />}
      </dl>
      <WhoseRecord {...whose} />
      {outcomes.length > 0 && <ReviewForm alert={alert} outcomes={outcomes} onReviewed={onReviewed} />}
    </Panel>
  );
}

interface WhoseProps {
  alert: PrivacyAlert;
  told: PrivacyAlertDetail | undefined;
  onTold: (whose: PrivacyAlertDetail) => void;
}

/** Told on asking alone: the question itself stands in the person's access log. */
function WhoseRecord({ alert, told, onTold }: WhoseProps) {
  const api = useApi();
  const deed = useDeed();
  const ask = async (): Promise<void> => {
    const done = await deed.run(null, () => api.get("/v1/privacy-alerts/{alert_id}", { path: { alert_id: alert.id } }));
    if (done !== undefined) onTold(done.value);
  };
  if (told !== undefined) return <Told whose={told} />;
  return (
    <AskingFirst
      words="Ask whose record it was"
      about={`(${alert.clinician}, ${dateAndTime(alert.raised_at)})`}
      question="Ask whose record it was?"
      yes="Yes, ask"
      deed={deed}
      onYes={() => void ask()}
    >
      <p>You are told their name and NHS number, and nothing else from the record. They see in their list of who looked that you asked.</p>
    </AskingFirst>
  );
}

/** What they were told, for as long as the page is open, and what to do with it. */
function Told({ whose }: { whose: PrivacyAlertDetail }) {
  const heading = useRef<HTMLParagraphElement>(null);
  // The button that asked is gone.
  useEffect(() => heading.current?.focus(), []);
  const number = nhsNumber(whose.nhs_number);
  const [name, value] = number === null ? ["record number", whose.patient_id] : ["NHS number", number];
  return (
    <div class="tw-told">
      <p tabIndex={-1} ref={heading}>
        It was the record of <strong>{plainName(whose)}</strong>, {name} <strong class="tw-address">{value}</strong>.
      </p>
      <CopyButton text={value} words={`Copy the ${name}`} />
      <p>
        Give this number to {whose.practice.name}, who keep the record, or to {whose.organisation.name}, where {whose.clinician} works, to ask
        whether there was good reason. You cannot open the record yourself.
      </p>
      <p class="tw-muted tw-small">It stays here until you leave this page. If you ask again, the person sees that as well.</p>
    </div>
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
        <TextArea id={noteId} label="What did you find?" hint="The person whose record it is can read this in the copy of their record." value={draft.note} onValue={(note) => change({ note })} maxLength={LONGEST} error={errorOf(errors, noteId)} />
      </DeedFormView>
    </details>
  );
}

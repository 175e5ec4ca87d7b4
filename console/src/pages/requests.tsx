/**
 * What patients ask of their records, for those who answer: clinicians of their practice, and its privacy officers; and, for
 * the clinicians, whose time to act by law ends soon.
 */
import { useState } from "preact/hooks";
import { usePages } from "../api/loading.ts";
import type { Account, RightsRequest } from "../api/types.ts";
import { RadiosField } from "../components/choice_fields.tsx";
import { DeedFormView, useDeedForm } from "../components/deed_form.tsx";
import { Done } from "../components/done.tsx";
import { errorOf, type FieldError } from "../components/error_summary.tsx";
import { SelectField, TextArea } from "../components/fields.tsx";
import { PageHeading } from "../components/heading.tsx";
import { Link } from "../components/link.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { Panel } from "../components/section.tsx";
import { ShowMore } from "../components/show_more.tsx";
import { useDone } from "../components/use_done.ts";
import { answerOf, decisionsFor, groundsFor, isOpen, kindInWords, mayAnswer, standingInWords, type AnswerDraft, type Ground } from "../format/rights.ts";
import { calendarDate, dateAndTime } from "../format/times.ts";
import { useApi } from "../services.ts";
import { Reviews } from "../sharing/reviews.tsx";

const PAGE = 50;
const LONGEST = 2000;

export function RequestsPage({ account }: { account: Account }) {
  const api = useApi();
  const [answered, setAnswered] = useState(false);
  const pages = usePages<RightsRequest>(`requests ${answered}`, (cursor, signal) =>
    api.get("/v1/rights-requests", { query: { answered, limit: PAGE, cursor } }, signal),
  );
  const [done, say] = useDone();
  const told = (words: string): void => {
    pages.reload();
    say(words);
  };
  return (
    <>
      <PageHeading title="Requests" />
      {done !== null && <Done {...done} />}
      {account.roles.some(({ role }) => role === "clinician") && <Reviews />}
      <h2 class="nhsuk-heading-m">What patients ask</h2>
      <p class="tw-prose">
        Patients may ask to put their record right, to erase or restrict something, or to close their account. They are answered within a
        month; where less is done than was asked, with the reason in law.
      </p>
      <Which answered={answered} onAnswered={setAnswered} />
      {pages.items.map((each) => (
        <Request key={each.id} request={each} account={account} onAnswered={told} />
      ))}
      {pages.items.length === 0 && pages.status === "ready" && <p>Nothing is to be answered.</p>}
      {pages.items.length === 0 && pages.status === "loading" && <Loading what="requests" />}
      {pages.status === "failed" && <LoadFailed what="Requests" error={pages.error} retry={pages.retry} />}
      <ShowMore pages={pages} what="requests" />
    </>
  );
}

/** Those that wait, or those answered too. */
function Which({ answered, onAnswered }: { answered: boolean; onAnswered: (answered: boolean) => void }) {
  const choices = [
    { value: "open", words: "To be answered" },
    { value: "all", words: "All" },
  ];
  return <SelectField id="answered" label="Show" value={answered ? "all" : "open"} onValue={(value) => onAnswered(value === "all")} choices={choices} />;
}

interface RequestProps {
  request: RightsRequest;
  account: Account;
  onAnswered: (words: string) => void;
}

function Request({ request, account, onAnswered }: RequestProps) {
  const cares = account.roles.some(({ role, organisation }) => role === "clinician" && organisation.id === request.practice_id);
  const open = isOpen(request);
  return (
    <Panel
      id={`request-${request.id}`}
      title={
        <>
          {kindInWords(request.kind)}: {cares ? <Link to={{ page: "patient", id: request.patient_id, tab: "overview" }}>{request.patient_name}</Link> : request.patient_name}
        </>
      }
      level={3}
      data-request={request.id}
      tag={open ? { words: `Answer by ${calendarDate(request.answer_due_on)}`, colour: "yellow" } : { words: standingInWords(request), colour: "blue" }}
    >
      <p class="tw-typed">{request.about}</p>
      <p class="tw-muted tw-small">Asked {dateAndTime(request.asked_at)}</p>
      {request.answer !== null && <p class="tw-typed">Answered: {request.answer}</p>}
      {request.ground !== null && (
        <p>
          {request.ground.words} <span class="tw-muted tw-small">({request.ground.source})</span>
        </p>
      )}
      {open && mayAnswer(request, account) && <AnswerForm request={request} onAnswered={onAnswered} />}
      {open && !mayAnswer(request, account) && <p>Whether an account is closed is for a clinician of the practice to answer.</p>}
    </Panel>
  );
}

const EMPTY: AnswerDraft = { decision: "", ground: "", words: "" };
const MISSING = {
  decision: "Choose what was done",
  ground: "Choose on which ground less is done",
  words: "Say it in words to the patient",
};

function AnswerForm({ request, onAnswered }: Omit<RequestProps, "account">) {
  const api = useApi();
  const ids: AnswerIds = { decision: `decision-${request.id}`, ground: `ground-${request.id}`, words: `words-${request.id}` };
  const form = useDeedForm<AnswerDraft>({
    empty: EMPTY,
    faultsOf: (draft) => {
      const answer = answerOf(draft);
      return "missing" in answer ? answer.missing.map((part) => ({ field: ids[part], message: MISSING[part] })) : [];
    },
    refusal: { "/decision": ids.decision, "/ground": ids.ground, "/answer": ids.words },
  });
  const send = async (): Promise<void> => {
    const answer = answerOf(form.draft);
    if ("missing" in answer) return;
    const path = { request_id: request.id };
    const done = await form.run(answer, () => api.post("/v1/rights-requests/{request_id}/answer", { path, body: answer }));
    if (done !== undefined) onAnswered(`${request.patient_name} has your answer.`);
  };
  return (
    <details class="nhsuk-details tw-history">
      <summary class="nhsuk-details__summary">
        <span class="nhsuk-details__summary-text">
          Answer<span class="nhsuk-u-visually-hidden"> {request.patient_name}: {kindInWords(request.kind)}</span>
        </span>
      </summary>
      <DeedFormView form={form} onSend={send} words="Send the answer" busyWords="Answering…" button="nhsuk-button--small" class="nhsuk-details__text">
        <AnswerFields ids={ids} kind={request.kind} draft={form.draft} errors={form.errors} onChange={form.change} />
      </DeedFormView>
    </details>
  );
}

type AnswerIds = Readonly<Record<keyof AnswerDraft, string>>;

interface FieldsProps {
  ids: AnswerIds;
  kind: RightsRequest["kind"];
  draft: AnswerDraft;
  errors: readonly FieldError[];
  onChange: (change: Partial<AnswerDraft>) => void;
}

function AnswerFields({ ids, kind, draft, errors, onChange }: FieldsProps) {
  return (
    <>
      <RadiosField
        id={ids.decision}
        legend="What was done?"
        value={draft.decision}
        onValue={(decision) => onChange({ decision })}
        choices={decisionsFor(kind).map(({ hint, ...each }) => (hint === "" ? each : { ...each, hint }))}
        error={errorOf(errors, ids.decision)}
      />
      {(draft.decision === "partly" || draft.decision === "refused") && (
        <SelectField
          id={ids.ground}
          label="On which ground?"
          hint="The patient is told the law's reason in plain words, with its source."
          value={draft.ground}
          onValue={(ground) => onChange({ ground: ground as Ground | "" })}
          choices={[{ value: "", words: "Choose" }, ...groundsFor(kind)]}
          error={errorOf(errors, ids.ground)}
        />
      )}
      <TextArea
        id={ids.words}
        label="Your answer to the patient"
        value={draft.words}
        onValue={(words) => onChange({ words })}
        maxLength={LONGEST}
        error={errorOf(errors, ids.words)}
      />
    </>
  );
}

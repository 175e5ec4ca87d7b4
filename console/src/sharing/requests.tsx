/** What one asks of one's own record (to correct, erase, restrict, or close the account), and what the practice answers. */
import { useDeed } from "../api/deeds.ts";
import { usePages } from "../api/loading.ts";
import type { RightsRequest } from "../api/types.ts";
import { AskingFirst } from "../components/asking_first.tsx";
import { RadiosField } from "../components/choice_fields.tsx";
import { DeedFormView, useDeedForm } from "../components/deed_form.tsx";
import { errorOf, type FieldError } from "../components/error_summary.tsx";
import { TextArea } from "../components/fields.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { Section } from "../components/section.tsx";
import { ShowMore } from "../components/show_more.tsx";
import { isDisputed, isOpen, kindInWords, KINDS, standingInWords, type Kind } from "../format/rights.ts";
import { dateAndTime } from "../format/times.ts";
import { useApi } from "../services.ts";

const PAGE = 20;
/** As much as the API takes. */
const LONGEST = 2000;

export function Requests({ onAsked }: { onAsked: (words: string) => void }) {
  const api = useApi();
  const pages = usePages<RightsRequest>("requests", (cursor, signal) =>
    api.get("/v1/me/rights-requests", { query: { limit: PAGE, cursor } }, signal),
  );
  const asked = (): void => {
    pages.reload();
    onAsked("Your practice has your request, and answers within a month.");
  };
  const takenBack = (): void => {
    pages.reload();
    onAsked("You have taken it back. It does not stand at the head of your record any more.");
  };
  return (
    <Section id="requests" title="Ask for something to be changed">
      <AskForm onAsked={asked} />
      {pages.items.length > 0 && (
        <>
          <h3 class="nhsuk-heading-s">What you have asked</h3>
          <ul class="tw-cards">
            {pages.items.map((each) => (
              <Asked key={each.id} request={each} onTakenBack={takenBack} />
            ))}
          </ul>
        </>
      )}
      {pages.items.length === 0 && pages.status === "ready" && <p>You have not asked your practice for anything yet.</p>}
      {pages.items.length === 0 && pages.status === "loading" && <Loading what="your requests" />}
      {pages.status === "failed" && <LoadFailed what="Your requests" error={pages.error} retry={pages.retry} />}
      <ShowMore pages={pages} what="requests" />
    </Section>
  );
}

interface Draft {
  readonly kind: Kind | "";
  readonly about: string;
}

const EMPTY: Draft = { kind: "", about: "" };

function AskForm({ onAsked }: { onAsked: () => void }) {
  const api = useApi();
  const form = useDeedForm<Draft>({ empty: EMPTY, faultsOf, refusal: { "/kind": "kind", "/about": "about" } });
  const { draft, errors, change } = form;
  const ask = async (): Promise<void> => {
    if (draft.kind === "") return;
    const body = { kind: draft.kind, about: draft.about.trim() };
    if ((await form.run(body, (key) => api.post("/v1/me/rights-requests", { body }, { key }))) !== undefined) onAsked();
  };
  return (
    <DeedFormView form={form} onSend={ask} words="Send to my practice" busyWords="Sending…">
      <RadiosField id="kind" legend="What do you ask for?" value={draft.kind} onValue={(kind) => change({ kind })} choices={KINDS} error={errorOf(errors, "kind")} />
      <TextArea
        id="about"
        label="What is it about?"
        hint="Say what is wrong or what you want, and since when, as exactly as you can. Your practice reads it."
        value={draft.about}
        onValue={(about) => change({ about })}
        maxLength={LONGEST}
        error={errorOf(errors, "about")}
      />
    </DeedFormView>
  );
}

function faultsOf({ kind, about }: Draft): FieldError[] {
  const faults: FieldError[] = [];
  if (kind === "") faults.push({ field: "kind", message: "Choose what you ask for" });
  if (about.trim() === "") faults.push({ field: "about", message: "Say what it is about" });
  return faults;
}

function Asked({ request, onTakenBack }: { request: RightsRequest; onTakenBack: () => void }) {
  return (
    <li class="tw-panel">
      <div class="tw-card-head">
        <h4 class="nhsuk-heading-xs">{kindInWords(request.kind)}</h4>
        <span class="tw-card-tags">
          <strong class={`nhsuk-tag ${isOpen(request) ? "nhsuk-tag--yellow" : "nhsuk-tag--blue"}`}>{standingInWords(request)}</strong>
        </span>
      </div>
      <p class="tw-typed">{request.about}</p>
      <p class="tw-muted tw-small">Asked {dateAndTime(request.asked_at)}</p>
      {request.answer !== null && (
        <>
          <p>
            <strong>Your practice answered:</strong>
          </p>
          <p class="tw-typed">{request.answer}</p>
        </>
      )}
      {request.ground !== null && (
        <p>
          <strong>What the law says:</strong> {request.ground.words} <span class="tw-muted tw-small">({request.ground.source})</span>
        </p>
      )}
      {isDisputed(request) && <TakingBack request={request} onTakenBack={onTakenBack} />}
    </li>
  );
}

/** That the record is disputed stands for as long as the person wishes: nobody else can end it. */
function TakingBack({ request, onTakenBack }: { request: RightsRequest; onTakenBack: () => void }) {
  const api = useApi();
  const deed = useDeed();
  const takeBack = async (): Promise<void> => {
    const path = { request_id: request.id };
    if ((await deed.run(path, (key) => api.post("/v1/me/rights-requests/{request_id}/withdrawal", { path }, { key }))) !== undefined) onTakenBack();
  };
  const open = isOpen(request);
  return (
    <AskingFirst
      words={open ? "Take it back" : "I do not dispute this any more"}
      about={`what you asked on ${dateAndTime(request.asked_at)}`}
      question={open ? "Take back what you asked?" : "Is this settled for you?"}
      yes="Yes, take it back"
      deed={deed}
      onYes={() => void takeBack()}
    >
      <p>
        Those who care for you do not read at the head of your record any more that you see something differently.
        {open && " Your practice does not answer it."} What you asked stays here, and you can ask again.
      </p>
    </AskingFirst>
  );
}

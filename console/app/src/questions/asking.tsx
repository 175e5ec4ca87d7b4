/** A questionnaire, one question a page: forward and back, half filled over a reload, looked over before it is sent. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { useFocusOnShow } from "#console/components/use_focus_on_show.ts";
import { withOffsetOf } from "../days/instants.ts";
import { FaultSummary, Radios } from "../pieces/fields.tsx";
import type { FieldFault } from "../pieces/faults.ts";
import { DonePanel, KeptWhere } from "../pieces/panels.tsx";
import { useDraft } from "../pieces/draft_kept.ts";
import { useRouter } from "../router/context.ts";
import { To } from "../router/to.tsx";
import { useDoing, useUnsent } from "../store/hooks.ts";
import { useWords } from "../words/use_words.ts";
import { Calls, Crisis } from "./crisis.tsx";
import { asked, cannotWait, given, totalOf, type Answers, type Instrument, type Question } from "./questionnaire.ts";
import { ScoreWords } from "./score_words.tsx";
import { untoldOf } from "./urgent.ts";

interface Begun {
  readonly answers: Answers;
  /** Which question is shown; past the last, the whole to look over. */
  readonly at: number;
  /** Whether whom to call was read, for the answer that cannot wait. */
  readonly isRead: boolean;
}

const NOTHING: Begun = { answers: {}, at: 0, isRead: false };

export function Asking({ instrument }: { instrument: Instrument }) {
  const words = useWords();
  const { keep } = useDoing();
  const { draft, setDraft, forget } = useDraft<Begun>(`check-in.${instrument.key}`, NOTHING);
  const [sent, setSent] = useState<Answers | null>(null);
  const { answers, at, isRead } = draft;
  const questions = asked(instrument, answers);
  const question = questions[at];
  const urgent = cannotWait(instrument, answers);
  const send = async (): Promise<void> => {
    const body = { questionnaire: instrument.key as "phq-9", version: instrument.version, authored_at: withOffsetOf(Date.now(), words.timeZone), answers: given(instrument, answers) };
    await keep({ kind: "questionnaire_response", body });
    setSent(answers);
    forget();
  };
  if (sent !== null) return <Sent instrument={instrument} answers={sent} />;
  const answer = (value: string | null): void => {
    if (question === undefined) return;
    const { [question.linkId]: before, ...others } = answers;
    const next = value === null ? others : { ...others, [question.linkId]: value };
    // Another answer to the question that cannot wait than the one that was read about is read about anew.
    const isAnother = question.linkId === instrument.safety?.link_id && before !== value;
    setDraft({ answers: next, at: at + 1, isRead: isRead && !isAnother });
  };
  if (urgent && !isRead) return <Urgent onGoOn={() => setDraft({ ...draft, isRead: true })} onSend={() => void send()} />;
  const back = (): void => setDraft({ ...draft, at: Math.max(0, at - 1) });
  if (question === undefined) return <LookOver instrument={instrument} questions={questions} answers={answers} onGo={(place) => setDraft({ ...draft, at: place })} onSend={() => void send()} onAway={forget} />;
  return <OneQuestion key={question.linkId} instrument={instrument} question={question} number={at + 1} of={questions.length} chosen={answers[question.linkId] ?? ""} onAnswer={answer} onBack={at > 0 ? back : null} />;
}

function Urgent({ onGoOn, onSend }: { onGoOn: () => void; onSend: () => void }) {
  const { say } = useWords();
  return (
    <Crisis isAnswer>
      <button type="button" class="nhsuk-button ta-wide" onClick={onSend}>
        {say("checkins.send")}
      </button>
      <button type="button" class="nhsuk-button nhsuk-button--secondary ta-wide" onClick={onGoOn}>
        {say("crisis.go_on")}
      </button>
    </Crisis>
  );
}

interface QuestionProps {
  instrument: Instrument;
  question: Question;
  number: number;
  of: number;
  chosen: string;
  onAnswer: (value: string | null) => void;
  onBack: (() => void) | null;
}

function OneQuestion({ instrument, question, number, of, chosen, onAnswer, onBack }: QuestionProps) {
  const { say, named, lang } = useWords();
  const [value, setValue] = useState(chosen);
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const heading = useFocusOnShow();
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (value === "") return setFaults([{ field: "answer", message: say("checkins.choose") }]);
    onAnswer(value);
  };
  const legend = (
    <>
      {question.stem !== "" && <span class="nhsuk-caption-m">{question.stem}</span>}
      {question.text}
    </>
  );
  return (
    <form onSubmit={submit} noValidate>
      <h1 class="nhsuk-heading-m" tabIndex={-1} ref={heading}>
        {named("checkins", instrument.key)}
        <span class="nhsuk-caption-m">{say("checkins.question", { number, of })}</span>
      </h1>
      {lang !== "en" && <p class="nhsuk-inset-text">{say("checkins.english")}</p>}
      <FaultSummary faults={faults} />
      <Radios id="answer" lang="en" label={question.text} asHeading={legend} value={value} onValue={setValue} choices={question.options.map(({ code, label }) => ({ value: code, words: label }))} faults={faults} />
      {cannotWait(instrument, { [question.linkId]: value }) && <ChosenUrgent />}
      <div class="ta-buttons">
        <button type="submit" class="nhsuk-button">
          {say("common.next")}
        </button>
        {onBack !== null && (
          <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={onBack}>
            {say("common.back")}
          </button>
        )}
      </div>
      <WaysOut hasCalls={instrument.safety !== null} onLeaveOut={() => onAnswer(null)} />
    </form>
  );
}

/** Whom to call as soon as it is chosen: not everybody goes on. */
function ChosenUrgent() {
  const { say } = useWords();
  return (
    <div class="ta-crisis" role="alert" data-chosen-urgent>
      <p>
        <strong>{say("crisis.title")}</strong>
      </p>
      <Calls />
    </div>
  );
}

function WaysOut({ hasCalls, onLeaveOut }: { hasCalls: boolean; onLeaveOut: () => void }) {
  const { say } = useWords();
  const router = useRouter();
  return (
    <>
      <p>
        <button type="button" class="tw-as-link" onClick={onLeaveOut}>
          {say("checkins.leave_out")}
        </button>
      </p>
      <p>
        <button type="button" class="tw-as-link" onClick={() => router.go("check_ins")}>
          {say("checkins.stop")}
        </button>
      </p>
      {hasCalls && (
        <p>
          <To page="check_ins" rest={["help"]}>
            {say("crisis.open")}
          </To>
        </p>
      )}
    </>
  );
}

interface OverProps {
  instrument: Instrument;
  questions: readonly Question[];
  answers: Answers;
  onGo: (place: number) => void;
  onSend: () => void;
  onAway: () => void;
}

function LookOver({ instrument, questions, answers, onGo, onSend, onAway }: OverProps) {
  const { say, named } = useWords();
  const heading = useFocusOnShow();
  const router = useRouter();
  return (
    <>
      <h1 class="nhsuk-heading-l" tabIndex={-1} ref={heading}>
        {say("checkins.check")}
        <span class="nhsuk-caption-m">{named("checkins", instrument.key)}</span>
      </h1>
      <dl class="nhsuk-summary-list">
        {questions.map((question, place) => (
          <AnswerRow key={question.linkId} question={question} answer={answers[question.linkId]} onGo={() => onGo(place)} />
        ))}
      </dl>
      <button type="button" class="nhsuk-button ta-wide" onClick={onSend}>
        {say("checkins.send")}
      </button>
      <button
        type="button"
        class="nhsuk-button nhsuk-button--secondary ta-wide"
        onClick={() => {
          onAway();
          router.go("check_ins");
        }}
      >
        {say("checkins.away")}
      </button>
    </>
  );
}

function AnswerRow({ question: { text, options }, answer, onGo }: { question: Question; answer: string | undefined; onGo: () => void }) {
  const { say } = useWords();
  return (
    <div class="nhsuk-summary-list__row">
      <dt class="nhsuk-summary-list__key" lang="en">
        {text}
      </dt>
      <dd class="nhsuk-summary-list__value">
        {answer === undefined ? <strong>{say("checkins.not_answered")}</strong> : <span lang="en">{options.find(({ code }) => code === answer)?.label}</span>}
      </dd>
      <dd class="nhsuk-summary-list__actions">
        <button type="button" class="tw-as-link" onClick={onGo}>
          {say("common.change")}
          <span class="nhsuk-u-visually-hidden" lang="en">
            {" "}
            {text}
          </span>
        </button>
      </dd>
    </div>
  );
}

function Sent({ instrument, answers }: { instrument: Instrument; answers: Answers }) {
  const { say } = useWords();
  const stands = untoldOf(useUnsent()) ?? "sent";
  const urgent = cannotWait(instrument, answers);
  const total = totalOf(instrument, answers);
  // Shown as something new, which takes the focus.
  if (urgent && stands === "not_told") return <Crisis key={stands} isAnswer stands={stands} />;
  return (
    <>
      {urgent && <Crisis isAnswer stands={stands} />}
      <DonePanel title={say("checkins.sent")}>
        <KeptWhere />
        {!urgent && <ScoreWords total={total} hasBands={instrument.bands.length > 0} />}
        <To page="check_ins" class="nhsuk-button nhsuk-button--secondary ta-wide">
          {say("checkins.title")}
        </To>
      </DonePanel>
    </>
  );
}

/** Saying of a version of a plan that one has read and understood it, or that there is a question; and what was said of it last. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { newClientId } from "#console/api/client_id.ts";
import { withOffsetOf } from "../days/instants.ts";
import { Area } from "../pieces/fields.tsx";
import { NotSent, Told } from "../pieces/panels.tsx";
import { useDoing, useUnsent } from "../store/hooks.ts";
import type { ActionPlan } from "../store/things.ts";
import { useWords } from "../words/use_words.ts";
import { answersOf, isToBeSaid, saidOf, type Said } from "./said_of.ts";

interface Props {
  plan: ActionPlan;
  /** All versions, by id: what was asked of an earlier one may have been answered since. */
  plans: ReadonlyMap<string, ActionPlan>;
}

/** What was said last, and how to say it while it is to be said. A question can be asked at any time. */
export function Acknowledge({ plan, plans }: Props) {
  const words = useWords();
  const { say } = words;
  const { keep } = useDoing();
  const unsent = useUnsent();
  const [isAsking, setAsking] = useState(false);
  const [told, setTold] = useState<string | null>(null);
  const said = saidOf(plan, unsent);
  const tell = async (answer: Said["answer"], note: string | null): Promise<void> => {
    const body = { client_id: newClientId(), plan_id: plan.id, answer, note, said_at: withOffsetOf(Date.now(), words.timeZone) };
    await keep({ kind: "plan_acknowledgement", body });
    setAsking(false);
    setTold(say(`ack.kept.${answer}`));
  };
  const of = <span class="nhsuk-u-visually-hidden">: {plan.title}</span>;
  return (
    <div data-acknowledge={plan.title}>
      <Told words={told} />
      {said !== null && <SaidLast said={said} />}
      <Answers plan={plan} plans={plans} />
      {said === null && plan.to_be_acknowledged && <p>{say("ack.new")}</p>}
      {isAsking ? (
        <Question id={`question-${plan.id}`} onAsk={(note) => void tell("question", note)} onLeave={() => setAsking(false)} />
      ) : (
        <div class="ta-buttons">
          {isToBeSaid(plan, unsent) && (
            <button type="button" class="nhsuk-button" onClick={() => void tell("understood", null)}>
              {say("ack.understood")}
              {of}
            </button>
          )}
          <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={() => setAsking(true)}>
            {say("ack.question")}
            {of}
          </button>
        </div>
      )}
    </div>
  );
}

function SaidLast({ said: { answer, note, at, isOwn, isSent } }: { said: Said }) {
  const words = useWords();
  const { say } = words;
  const date = words.date(at);
  return (
    <p>
      {answer === "understood" ? say(isOwn ? "ack.by_you" : "ack.by_other", { date }) : say(isOwn ? "ack.asked_by_you" : "ack.asked_by_other", { date })}{" "}
      {note !== null && <q>{note}</q>} {!isSent && <NotSent />}
    </p>
  );
}

/** What was answered to questions about it: the question first, so that it is known to what. */
function Answers({ plan, plans }: Props) {
  const words = useWords();
  const { say } = words;
  return (
    <>
      {answersOf(plan, plans).map(({ id, question, note, at }) => (
        <div key={id} class="nhsuk-inset-text" data-answer={id}>
          {question !== null && (
            <p>
              {say("ack.you_asked")} <q>{question}</q>
            </p>
          )}
          <p>
            <strong>{say("ack.answered", { date: words.date(at) })}</strong> {note}
          </p>
        </div>
      ))}
    </>
  );
}

function Question({ id, onAsk, onLeave }: { id: string; onAsk: (note: string | null) => void; onLeave: () => void }) {
  const { say } = useWords();
  const [text, setText] = useState("");
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const note = text.trim();
    onAsk(note === "" ? null : note);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Area id={id} label={say("common.optional", { label: say("ack.note") })} hint={say("ack.note_hint")} value={text} onValue={setText} maxLength={1000} />
      <div class="ta-buttons">
        <button type="submit" class="nhsuk-button">
          {say("ack.ask")}
        </button>
        <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={onLeave}>
          {say("common.cancel")}
        </button>
      </div>
    </form>
  );
}

/** Taking back what one recorded oneself: asked once, kept on this phone, and out of what counts at once. */
import type { TargetedSubmitEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { described } from "../shell/describe.ts";
import { useDoing, useKept } from "../store/hooks.ts";
import { retractionsIn } from "../store/taken_back.ts";
import type { Retraction, Takeable } from "../store/things.ts";
import { useWords } from "../words/use_words.ts";
import type { FieldFault } from "./faults.ts";
import { Radios } from "./fields.tsx";
import { NotSent } from "./panels.tsx";

const REASONS = ["mistyped", "not_mine", "other"] as const;

/** By its id once the record has told it; until then by the name under which it is sent. */
export type Naming = { readonly id: string } | { readonly client_id: string };

interface Props {
  /** Its own on its page, for the fields. */
  id: string;
  of: Takeable;
  named: Naming;
  /** What it is, for whoever hears the page, and to say that it is taken back. */
  about: string;
  /** What the button says; a reading's without it. */
  label?: string;
  onTaken: (said: string) => void;
  /** To where it is recorded as it should be. */
  onCorrect?: () => void;
}

type Asked = "take" | "correct" | null;

export function TakeBack({ id, of, named, about, label, onTaken, onCorrect }: Props) {
  const { say } = useWords();
  const { keep } = useDoing();
  const [asked, setAsked] = useState<Asked>(null);
  const buttons = useRef<HTMLSpanElement>(null);
  const take = async (reason: string): Promise<void> => {
    await keep({ kind: "retraction", body: { of, ...named, reason } });
    setAsked(null);
    if (asked === "correct") onCorrect?.();
    else onTaken(say("back.taken", { what: about }));
  };
  const leave = (): void => {
    buttons.current?.querySelectorAll("button")[asked === "correct" ? 1 : 0]?.focus();
    setAsked(null);
  };
  const button = (which: Exclude<Asked, null>, words: string) => (
    <button type="button" class="tw-as-link" aria-expanded={asked === which} onClick={() => setAsked(asked === which ? null : which)}>
      {words}
      <span class="nhsuk-u-visually-hidden">: {about}</span>
    </button>
  );
  return (
    <div class="ta-take-back">
      <span class="ta-take-back__deeds" ref={buttons}>
        {button("take", label ?? say("back.do"))} {onCorrect !== undefined && button("correct", say("back.do_correct"))}
      </span>
      {asked !== null && <Asking key={asked} id={id} of={of} asked={asked} onYes={(reason) => void take(reason)} onNo={leave} />}
    </div>
  );
}

interface AskingProps {
  id: string;
  of: Takeable;
  asked: "take" | "correct";
  onYes: (reason: string) => void;
  onNo: () => void;
}

function Asking({ id, of, asked, onYes, onNo }: AskingProps) {
  const { say } = useWords();
  const question = useFocus();
  const [reason, setReason] = useState("");
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const needsWhy = asked === "take" && of !== "completion";
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const known = REASONS.find((one) => one === reason);
    if (!needsWhy) return onYes(say(of === "completion" ? "back.reason.step" : "back.reason.mistyped"));
    if (known === undefined) return setFaults([{ field: `${id}-why`, message: say("back.why_missing") }]);
    onYes(say(`back.reason.${known}`));
  };
  return (
    <form class="ta-take-back__form" onSubmit={submit} noValidate data-taking-back>
      <p tabIndex={-1} ref={question}>
        {say(asked === "correct" ? "back.ask_correct" : of === "completion" ? "back.ask_step" : "back.ask")}
      </p>
      {needsWhy && <Radios id={`${id}-why`} label={say("back.why")} value={reason} onValue={setReason} choices={REASONS.map((one) => ({ value: one as string, words: say(`back.reason.${one}`) }))} faults={faults} />}
      <div class="ta-buttons">
        <button type="submit" class="nhsuk-button">
          {say(asked === "correct" ? "back.yes_correct" : "back.yes")}
        </button>
        <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={onNo}>
          {say("back.no")}
        </button>
      </div>
    </form>
  );
}

/** What was just taken back: takes the focus, since the button is gone with what it was of. */
export function TakenBack({ said }: { said: string | null }) {
  const told = useFocus(said);
  if (said === null) return null;
  return (
    <p class="ta-told" tabIndex={-1} ref={told} data-taken-back>
      {said}
    </p>
  );
}

/** What was taken back and is not sent yet, each in a line; all of its kind, or those that are meant. */
export function WaitsToBeTakenBack({ of, isMeant = () => true }: { of: Takeable; isMeant?: (retraction: Retraction) => boolean }) {
  const { say, named } = useWords();
  const kept = useKept();
  const waiting = retractionsIn(kept.unsent).filter((one) => one.body.of === of && isMeant(one));
  if (waiting.length === 0) return null;
  return (
    <ul class="ta-lines" data-waits-to-be-taken-back>
      {waiting.map((one) => (
        <li key={one.item}>
          {say("back.waits", { what: described(one, kept, named) })} <NotSent />
        </li>
      ))}
    </ul>
  );
}

function useFocus(when?: unknown) {
  const element = useRef<HTMLParagraphElement>(null);
  useEffect(() => element.current?.focus(), [when]);
  return element;
}

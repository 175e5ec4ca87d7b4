/** A button whose deed is not taken back lightly: it says first what will happen, and asks. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Deed } from "../api/deeds.ts";
import { CalledOff, referenceOf, refusalInWords } from "../format/refusals.ts";

interface Props {
  /** The button, and what it does to what: "End access", "for Uma Hill". */
  words: string;
  about?: string;
  /** Put as a question. */
  question: string;
  yes: string;
  no?: string;
  deed: Deed;
  onYes: () => void;
  /** What will happen, plainly. */
  children: ComponentChildren;
}

export function AskingFirst({ words, about, question, yes, no = "Cancel", deed, onYes, children }: Props) {
  const [asking, setAsking] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const refocus = useRef(false);
  useEffect(() => {
    if (!asking && refocus.current) opener.current?.focus();
    refocus.current = asking;
  }, [asking]);
  const leave = (): void => {
    deed.clear();
    setAsking(false);
  };
  if (!asking) {
    return (
      <button type="button" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small tw-opener" ref={opener} onClick={() => setAsking(true)}>
        {words}
        {about !== undefined && <span class="nhsuk-u-visually-hidden"> {about}</span>}
      </button>
    );
  }
  return (
    <Question question={question}>
      {children}
      <DeedProblem deed={deed} />
      <div class="nhsuk-button-group">
        <button type="button" class="nhsuk-button nhsuk-button--warning nhsuk-button--small" aria-disabled={deed.busy} onClick={onYes}>
          {deed.busy ? "One moment…" : yes}
        </button>
        <button type="button" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" onClick={leave}>
          {no}
        </button>
      </div>
    </Question>
  );
}

function Question({ question, children }: { question: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // Before it is painted: who types fast must not find the focus moved under their hands.
  useLayoutEffect(() => heading.current?.focus(), []);
  return (
    <div class="tw-question" role="group" aria-label={question}>
      <h3 class="nhsuk-heading-xs" tabIndex={-1} ref={heading}>
        {question}
      </h3>
      {children}
    </div>
  );
}

/** What was said against a deed, beside its button; read out when it comes. */
export function DeedProblem({ deed }: { deed: Pick<Deed, "error"> }) {
  if (deed.error === null || deed.error instanceof CalledOff) return null;
  const reference = referenceOf(deed.error);
  return (
    <div role="alert" class="nhsuk-error-message">
      {refusalInWords(deed.error)}
      {reference !== null && <span class="tw-small tw-reference">Reference: {reference}</span>}
    </div>
  );
}

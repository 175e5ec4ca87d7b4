/** Whom to call, for an answer that cannot wait: shown at once, without a network, before anything is sent. Takes the focus. */
import type { ComponentChildren } from "preact";
import { useFocusOnShow } from "#console/components/use_focus_on_show.ts";
import { ownContacts } from "../plan/contacts.ts";
import { Call } from "../plan/zones.tsx";
import { useCopy, useKept } from "../store/hooks.ts";
import { useWords } from "../words/use_words.ts";
import { CALLS } from "./contacts.ts";
import { untoldOf, type Untold } from "./urgent.ts";

interface Props {
  /** Whether it stands in answer to something; otherwise somebody asked for it. */
  isAnswer: boolean;
  /** What became of the answers, so far. */
  stands?: Untold | "sent";
  children?: ComponentChildren;
}

export function Crisis({ isAnswer, stands = "not_sent", children }: Props) {
  const { say } = useWords();
  const isUntold = stands === "not_told";
  const heading = useFocusOnShow();
  return (
    <section class="ta-crisis" aria-labelledby="crisis" data-crisis>
      <h1 class="nhsuk-heading-l" id="crisis" tabIndex={-1} ref={heading}>
        {say(isUntold ? "crisis.not_told_title" : "crisis.title")}
      </h1>
      {isAnswer && <p>{say(isUntold ? "crisis.not_told" : "crisis.text")}</p>}
      <Calls />
      <OwnContacts />
      {isAnswer && !isUntold && (
        <p>
          <strong>{say(`crisis.${stands}`)}</strong>
        </p>
      )}
      {children}
    </section>
  );
}

export function Calls() {
  const { say } = useWords();
  return (
    <ul class="ta-calls-list">
      {CALLS.map(({ key, number }) => (
        <li key={key}>
          <a class={`nhsuk-button ta-wide ${key === "999" ? "nhsuk-button--warning" : ""}`} href={`tel:${number}`}>
            {say(`crisis.${key}`)}
          </a>
          <p>{say(`crisis.${key}_when`)}</p>
        </li>
      ))}
    </ul>
  );
}

/** Above every page for as long as answers that cannot wait are not recorded, taken back or not: they never merely lie in a list. */
export function UntoldNotice() {
  const { say } = useWords();
  const untold = untoldOf(useKept().unsent);
  if (untold === null) return null;
  return (
    <div class="nhsuk-warning-callout" role="alert" data-untold={untold}>
      <h2 class="nhsuk-warning-callout__label">{say(`crisis.${untold}_title`)}</h2>
      <p>{say(`crisis.${untold}`)}</p>
      <Calls />
    </div>
  );
}

/** Whom the zones of one's plans name: of the copy, whole or not, since one number is better than none. */
function OwnContacts() {
  const { say } = useWords();
  const copy = useCopy();
  const contacts = copy === undefined ? [] : ownContacts(copy);
  if (contacts.length === 0) return null;
  return (
    <>
      <h2 class="nhsuk-heading-m">{say("crisis.own")}</h2>
      <p>{say("crisis.own_when")}</p>
      {contacts.map((contact) => (
        <Call key={`${contact.name} ${contact.phone}`} contact={contact} />
      ))}
    </>
  );
}

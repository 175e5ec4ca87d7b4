/** Whom to call, for an answer that cannot wait: shown at once, without a network, before anything is sent. Takes the focus. */
import type { ComponentChildren } from "preact";
import { useFocusOnShow } from "#console/components/use_focus_on_show.ts";
import { ownContacts } from "../plan/contacts.ts";
import { Call } from "../plan/zones.tsx";
import { useCopy } from "../store/hooks.ts";
import { useWords } from "../words/use_words.ts";
import { CALLS } from "./contacts.ts";

interface Props {
  /** Whether it stands in answer to something; otherwise somebody asked for it. */
  isAnswer: boolean;
  /** Whether the answers have left this phone. */
  isSent: boolean;
  children?: ComponentChildren;
}

export function Crisis({ isAnswer, isSent, children }: Props) {
  const { say } = useWords();
  const heading = useFocusOnShow();
  return (
    <section class="ta-crisis" aria-labelledby="crisis" data-crisis>
      <h1 class="nhsuk-heading-l" id="crisis" tabIndex={-1} ref={heading}>
        {say("crisis.title")}
      </h1>
      {isAnswer && <p>{say("crisis.text")}</p>}
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
      <OwnContacts />
      {isAnswer && (
        <p>
          <strong>{say(isSent ? "crisis.sent" : "crisis.not_sent")}</strong>
        </p>
      )}
      {children}
    </section>
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

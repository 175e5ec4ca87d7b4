/** What stands above every page when there is reason to: whom to call, and that a new version is ready. */
import { useEffect, useState } from "preact/hooks";
import { useAppServices } from "../services.ts";
import { useSafety } from "../store/hooks.ts";
import type { Safety } from "../store/things.ts";
import { useWords } from "./words.ts";

/** What the API said of answers that cannot wait, once they were kept. The page of the answers has said it before, without a network. */
export function SafetyNotice() {
  const words = useWords();
  const { safety, putAway } = useSafety();
  const last = safety.at(-1);
  if (last === undefined) return null;
  return (
    <div class="nhsuk-warning-callout" role="alert">
      <h2 class="nhsuk-warning-callout__label">{last.title}</h2>
      <p>{last.text}</p>
      <p>{last.watched}</p>
      <Contacts contacts={last.contacts} />
      <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={putAway}>
        {words.safetyPutAway}
      </button>
    </div>
  );
}

function Contacts({ contacts }: { contacts: Safety["contacts"] }) {
  return (
    <ul class="nhsuk-list nhsuk-list--bullet">
      {contacts.map((contact) => (
        <li key={contact.name}>
          {contact.name}: <a href={`tel:${toCall(contact.number)}`}>{contact.number}</a> ({contact.when})
        </li>
      ))}
    </ul>
  );
}

/** "111, then option 2" is called as 111: what comes after the comma is for whoever speaks there. */
function toCall(number: string): string {
  return number.replace(/,.*$/, "").replaceAll(" ", "");
}

export function EditionNotice() {
  const words = useWords();
  const { editions } = useAppServices();
  const [isReady, setIsReady] = useState(editions.isReady());
  useEffect(() => {
    setIsReady(editions.isReady());
    return editions.subscribe(() => setIsReady(editions.isReady()));
  }, [editions]);
  return (
    <div role="status">
      {isReady && (
        <div class="nhsuk-inset-text" data-edition-ready>
          <p>
            <strong>{words.readyTitle}</strong> {words.readyMore}
          </p>
          <button type="button" class="nhsuk-button nhsuk-button--small" onClick={() => editions.takeOver()}>
            {words.readyTake}
          </button>
        </div>
      )}
    </div>
  );
}

/** Whom to call, beside answers that cannot wait and were taken back: that they were given is not undone by that. */
import { useWords } from "../words/use_words.ts";
import { CALLS } from "./contacts.ts";

export function StillThere() {
  const { say } = useWords();
  return (
    <section class="ta-crisis" aria-label={say("crisis.title")} data-still-there>
      <p>
        <strong>{say("back.call")}</strong>
      </p>
      <ul class="ta-calls-list">
        {CALLS.map(({ key, number }) => (
          <li key={key}>
            <a class={`nhsuk-button ta-wide ${key === "999" ? "nhsuk-button--warning" : ""}`} href={`tel:${number}`}>
              {say(`crisis.${key}`)}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

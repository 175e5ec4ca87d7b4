/** What was done and is not settled: what waits, what the record contradicts, and what could not be recorded. */
import { PageHeading } from "#console/components/heading.tsx";
import { useDoing, useKept } from "../store/hooks.ts";
import type { Unsent } from "../store/things.ts";
import { useLanguage } from "../words/language.ts";
import { useWords as useMessages } from "../words/use_words.ts";
import { asItsOwn, described, doneAt, knowingly, recordSays } from "./describe.ts";
import { instantInWords } from "./when.ts";
import { useWords } from "./words.ts";

export function UnsentPage() {
  const words = useWords();
  const { unsent, copy } = useKept();
  const isHeld = copy?.isHeld ?? false;
  return (
    <>
      <PageHeading title={words.unsentTitle} />
      <p>{unsent.length === 0 ? words.unsentNone : isHeld ? words.unsentHeld : words.unsentMemory}</p>
      <ul class="ta-list">
        {unsent.map((one) => (
          <li key={one.item} data-item={one.kind} data-state={one.state}>
            <One unsent={one} />
          </li>
        ))}
      </ul>
    </>
  );
}

function One({ unsent }: { unsent: Unsent }) {
  const words = useWords();
  const language = useLanguage();
  const kept = useKept();
  const { copy } = kept;
  const { named } = useMessages();
  const when = instantInWords(doneAt(unsent), copy?.timeZone ?? "Europe/London", Date.now(), language, words);
  return (
    <article class="ta-unsent">
      <h2 class="nhsuk-heading-xs">
        {words.kind[unsent.kind]} <span class="tw-muted tw-small">{when}</span>
      </h2>
      <p class="ta-unsent__what">{described(unsent, kept, named)}</p>
      {unsent.state === "conflict" && <Conflict unsent={unsent} />}
      {unsent.state === "refused" && <Refused unsent={unsent} />}
      {unsent.state !== "conflict" && unsent.state !== "refused" && <p class="tw-muted tw-small">{words.state[unsent.state]}</p>}
    </article>
  );
}

/** Both sides, and the person decides. */
function Conflict({ unsent }: { unsent: Unsent }) {
  const words = useWords();
  const kept = useKept();
  const { copy } = kept;
  const { named } = useMessages();
  const { settle } = useDoing();
  const mine = knowingly(unsent, copy);
  const own = mine === null ? asItsOwn(unsent, copy) : null;
  return (
    <div class="nhsuk-warning-callout">
      <h3 class="nhsuk-warning-callout__label">{words.conflictTitle}</h3>
      <p>{words.conflictWhy}</p>
      <dl class="nhsuk-summary-list">
        <Side name={words.yours} says={unsent.kind === "retraction" ? words.tookBack(described(unsent, kept, named)) : described(unsent, kept, named)} />
        <Side name={words.theirs} says={recordSays(unsent, copy) ?? unsent.verdict?.detail ?? words.noLonger} />
      </dl>
      <div class="tw-buttons">
        <button type="button" class="nhsuk-button" onClick={() => void settle(unsent.item, { do: "drop" })}>
          {words.keepTheirs}
        </button>
        {mine !== null && (
          <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={() => void settle(unsent.item, { do: "send", body: mine })}>
            {words.useMine}
          </button>
        )}
        {own !== null && (
          <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={() => void settle(unsent.item, { do: "send", body: own })}>
            {words.sendAsNew}
          </button>
        )}
      </div>
    </div>
  );
}

function Side({ name, says }: { name: string; says: string }) {
  return (
    <div class="nhsuk-summary-list__row">
      <dt class="nhsuk-summary-list__key">{name}</dt>
      <dd class="nhsuk-summary-list__value">{says}</dd>
    </div>
  );
}

/** Where it is wrong, and what can be done. */
function Refused({ unsent }: { unsent: Unsent }) {
  const words = useWords();
  const { settle } = useDoing();
  const { errors = [], detail = null, confirm = false } = unsent.verdict ?? {};
  const mayConfirm = confirm && unsent.kind === "reading";
  const isRetraction = unsent.kind === "retraction";
  return (
    <div class="nhsuk-warning-callout">
      <h3 class="nhsuk-warning-callout__label">{isRetraction ? words.notTakenBack : words.refusedTitle}</h3>
      {isRetraction && <p>{words.notTakenBackMore}</p>}
      {mayConfirm && <p>{words.confirmWhy}</p>}
      {/* The API's own words: they are English. */}
      <ul class="nhsuk-list nhsuk-list--bullet" lang="en-GB">
        {errors.map(({ pointer, code, message }) => (
          <li key={`${pointer} ${code}`}>{words.fault(nameOf(pointer), message)}</li>
        ))}
        {errors.length === 0 && detail !== null && <li>{detail}</li>}
      </ul>
      <div class="tw-buttons">
        {mayConfirm && (
          <button
            type="button"
            class="nhsuk-button"
            onClick={() => void settle(unsent.item, { do: "send", body: { ...unsent.body, confirmed: true } })}
          >
            {words.confirmIt}
          </button>
        )}
        <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={() => void settle(unsent.item, { do: "drop" })}>
          {isRetraction ? words.letItStand : words.removeIt}
        </button>
      </div>
    </div>
  );
}

/** "/reading/effective_at" as "effective at". */
function nameOf(pointer: string): string {
  return (pointer.split("/").at(-1) ?? "").replaceAll("_", " ");
}

/** As of when the record is, and what is not sent: on every page, whether there is a network or not. */
import { useSecond } from "#console/live/ticking.ts";
import { To } from "../router/to.tsx";
import { ageOf, isOld } from "../store/ages.ts";
import { useCopy, useDoing, useKept, useMark, useNetwork } from "../store/hooks.ts";
import { isDue } from "../sync/rounds.ts";
import { useLanguage } from "../words/language.ts";
import { instantInWords } from "./when.ts";
import { useWords } from "./words.ts";

export function Bar() {
  const words = useWords();
  const network = useNetwork();
  const { syncNow } = useDoing();
  const state = useStanding();
  return (
    <aside class={`ta-bar ${state.isAlert ? "ta-bar--alert" : ""}`} aria-label={words.standing} data-bar data-online={network.online} data-old={state.isAlert}>
      <div class="nhsuk-width-container ta-bar__line">
        <p class="ta-bar__words" role="status">
          {!network.online && <strong>{words.offline} </strong>}
          {state.words}
          {network.problem === "signed_out" && <> {words.signInAgain}</>}
          {network.problem === "ended" && <> {words.ended}</>}
          {network.problem === "fault" && <> {words.faultWhileChecking}</>}
        </p>
        <button type="button" class="tw-as-link ta-bar__deed" aria-disabled={network.syncing} onClick={() => void syncNow()}>
          {words.tryNow}
        </button>
      </div>
      <NotSent />
    </aside>
  );
}

/** As of when, by the minute; whether it must be marked as old is asked each second. */
function useStanding(): { words: string; isAlert: boolean } {
  useSecond();
  const words = useWords();
  const language = useLanguage();
  const copy = useCopy();
  const mark = useMark();
  const { online, syncing } = useNetwork();
  if (copy === undefined || mark === null) return { words: syncing ? words.fetching : words.asOfNever, isAlert: false };
  if (!copy.isWhole) return { words: words.fetching, isAlert: false };
  const now = Date.now();
  const when = instantInWords(copy.asOf, copy.timeZone, now, language, words);
  if (ageOf(mark, now) === null) return { words: words.ageUnknown(when), isAlert: true };
  return isOld(mark, now) ? { words: words.old(when), isAlert: true } : { words: words.asOf(when), isAlert: !online };
}

function NotSent() {
  const words = useWords();
  const { unsent } = useKept();
  const due = unsent.filter(isDue).length;
  const open = unsent.length - due;
  if (unsent.length === 0) return null;
  return (
    <p class="nhsuk-width-container ta-bar__unsent" data-unsent={unsent.length}>
      <To page="unsent">{open > 0 ? words.needsYou(open) : words.waiting(due)}</To>
    </p>
  );
}

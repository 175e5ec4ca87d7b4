/** The version in force: how it was agreed, when it is looked at again, and its sections with whose words they are. */
import { useNow } from "../pieces/use_now.ts";
import { dayIn } from "../days/instants.ts";
import { useNetwork } from "../store/hooks.ts";
import type { Copy } from "../store/copy.ts";
import type { CarePlan } from "../store/things.ts";
import { useWords } from "../words/use_words.ts";
import type { Key, Words } from "../words/words.ts";
import type { SectionText } from "./standing.ts";

export function InForce({ plan, copy }: { plan: CarePlan; copy: Copy }) {
  const words = useWords();
  const { say } = words;
  const { online } = useNetwork();
  const now = useNow();
  // By this phone's day: what the API said of it was of the moment it was told.
  const isLate = plan.review_on < dayIn(copy, now);
  const date = words.date(plan.review_on);
  return (
    <div data-care-plan={plan.version}>
      <p>
        <strong class="nhsuk-tag nhsuk-tag--green">{say("care.in_force")}</strong>
      </p>
      {!online && <p class="ta-told">{say("care.as_of", { when: words.lately(copy.asOf, now) })}</p>}
      <p>
        {plan.decided_at !== null && say("care.version", { number: plan.version ?? 0, date: words.date(plan.decided_at) })} <Agreed plan={plan} />
      </p>
      {plan.note !== null && plan.agreement !== "best_interests" && <p class="ta-words">{say("care.note", { note: plan.note })}</p>}
      <p>{isLate ? <strong>{say("care.review_late", { date })}</strong> : say("care.review", { date })}</p>
      {plan.sections.map((each) => (
        <section key={each.section} class="ta-part" aria-label={words.named("care.section", each.section)} data-section={each.section}>
          <h2 class="nhsuk-heading-m">{words.named("care.section", each.section)}</h2>
          <p class="ta-words">{each.text}</p>
          <p class="ta-note">{whoseWords(each, words)}</p>
        </section>
      ))}
      <p class="ta-note">{say("care.not_law")}</p>
    </div>
  );
}

function Agreed({ plan: { agreement, note } }: { plan: CarePlan }) {
  const { say } = useWords();
  if (agreement === null) return null;
  return <>{agreement === "best_interests" ? say("care.agreed.best_interests", { note: note ?? "" }) : say(`care.agreed.${agreement}`)}</>;
}

/** Whose words stand in a section, and who wrote them down when. */
export function whoseWords({ words_of, written_as, written_at }: SectionText, words: Words): string {
  return `${words.say(`care.words.${words_of}`)} ${byWhom("care.by", written_as, written_at, words)}`;
}

/** Who did something, by their tie to the person, in a whole sentence: names of ties change after prepositions in Welsh. */
export function byWhom(area: "care.by" | "care.drafted", tie: string, at: string, words: Words): string {
  const key = words.knows(`${area}.${tie}`) ? `${area}.${tie}` : `${area}.unknown`;
  return words.fill(key as Key, { date: words.date(at) });
}

/** What one answered and wrote before: from the copy, with what waits on this phone. */
import SYMPTOMS from "../reference/symptoms.json";
import { NotSent } from "../pieces/panels.tsx";
import type { Copy } from "../store/copy.ts";
import { useUnsent } from "../store/hooks.ts";
import type { QuestionnaireResponse } from "../store/things.ts";
import { useWords } from "../words/use_words.ts";
import { ScoreWords } from "./score_words.tsx";

const MOST = 30;
const SCALE_OF: ReadonlyMap<string, string> = new Map(SYMPTOMS.map(({ key, scale }) => [key, scale]));

export function PastAnswers({ copy }: { copy: Copy }) {
  const words = useWords();
  const { say } = words;
  const waiting = useUnsent().flatMap((one) => (one.kind === "questionnaire_response" && one.state !== "refused" ? [one] : []));
  const responses = [...copy.responses.values()].filter(({ status }) => status !== "entered-in-error").sort((a, b) => Date.parse(b.authored_at) - Date.parse(a.authored_at));
  if (responses.length + waiting.length === 0) return <p>{say("checkins.none")}</p>;
  return (
    <ul class="ta-cards">
      {waiting.map(({ item, body }) => (
        <li key={item} class="ta-card">
          <h3 class="nhsuk-heading-s">{words.named("checkins", body.questionnaire)}</h3>
          <p>
            {words.dateTime(body.authored_at)} <NotSent />
          </p>
        </li>
      ))}
      {responses.slice(0, MOST).map((one) => (
        <li key={one.id} class="ta-card">
          <h3 class="nhsuk-heading-s">{words.named("checkins", one.questionnaire)}</h3>
          <p>{words.dateTime(one.authored_at)}</p>
          <Told response={one} />
          {one.change !== null && <p>{one.change === 0 ? say("checkins.same") : say(one.change > 0 ? "checkins.more" : "checkins.less", { count: Math.abs(one.change) })}</p>}
        </li>
      ))}
    </ul>
  );
}

/** What answers add up to, and what was not as it must be where they could not wait for that. Copies of before tell nothing of it. */
function Told({ response: one }: { response: QuestionnaireResponse }) {
  const words = useWords();
  const { say } = words;
  const { time_instead: instead, not_read = [], read_in_version = one.version } = one;
  const isWhole = read_in_version === one.version && not_read.length === 0;
  return (
    <>
      {instead != null && <p>{say(`checkins.${instead.stands}`, { stated: Number.isNaN(Date.parse(instead.stated)) ? instead.stated : words.dateTime(instead.stated) })}</p>}
      {isWhole ? (
        <ScoreWords total={one.total === null || one.greatest_total === null ? null : { total: one.total, most: one.greatest_total, band: one.band }} hasBands={one.band !== null} />
      ) : (
        <p>{say("checkins.other_version")}</p>
      )}
    </>
  );
}

interface Noticed {
  readonly symptom: string;
  readonly level: number;
}

export function PastDiary({ copy }: { copy: Copy }) {
  const words = useWords();
  const { say } = words;
  const waiting = useUnsent().flatMap((one) =>
    one.kind === "diary_entry" && one.state !== "refused"
      ? [{ id: one.item, at: one.body.effective_at, note: one.body.note ?? null, symptoms: (one.body.symptoms ?? []) as readonly Noticed[], isSent: false }]
      : [],
  );
  const told = [...copy.diaryEntries.values()].filter(({ status }) => status === "current").map(({ id, effective_at, note, symptoms }) => ({ id, at: effective_at, note, symptoms, isSent: true }));
  const entries = [...waiting, ...told].sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, MOST);
  if (entries.length === 0) return <p>{say("diary.none")}</p>;
  return (
    <ul class="ta-cards">
      {entries.map((entry) => (
        <li key={entry.id} class="ta-card">
          <p class="ta-when">
            {words.dateTime(entry.at)} {!entry.isSent && <NotSent />}
          </p>
          {entry.note !== null && <p>{entry.note}</p>}
          <ul class="ta-lines">
            {entry.symptoms.map(({ symptom, level }) => (
              <li key={symptom}>{say("diary.level", { symptom: words.named("symptom", symptom), level: words.named(`level.${SCALE_OF.get(symptom) ?? "severity"}`, String(level)) })}</li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

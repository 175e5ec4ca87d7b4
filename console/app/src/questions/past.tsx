/** What one answered and wrote before: from the copy, with what waits on this phone. */
import SYMPTOMS from "../reference/symptoms.json";
import { useState } from "preact/hooks";
import { NotSent } from "../pieces/panels.tsx";
import { TakeBack, TakenBack, WaitsToBeTakenBack, type Naming } from "../pieces/take_back.tsx";
import { To } from "../router/to.tsx";
import { usePerson } from "../services.ts";
import type { Copy } from "../store/copy.ts";
import { useKept, useUnsent } from "../store/hooks.ts";
import { inCopy, retractionsIn } from "../store/taken_back.ts";
import { nameOf, takesBack, type QuestionnaireResponse, type Unsent } from "../store/things.ts";
import { useWords } from "../words/use_words.ts";
import { ScoreWords } from "./score_words.tsx";
import { StillThere } from "./still_there.tsx";
import { isUrgent } from "./urgent.ts";

const MOST = 30;
const SCALE_OF: ReadonlyMap<string, string> = new Map(SYMPTOMS.map(({ key, scale }) => [key, scale]));

export function PastAnswers({ copy }: { copy: Copy }) {
  const { say } = useWords();
  const [taken, setTaken] = useState<string | null>(null);
  const [mustCall, setMustCall] = useState(false);
  const { unsent, isOpen, mustStillCall } = useTakenBackAnswers();
  const waiting = unsent.flatMap((one) => (one.kind === "questionnaire_response" && one.state !== "refused" ? [one] : []));
  const responses = [...copy.responses.values()].filter(({ status }) => status !== "entered-in-error").sort((a, b) => Date.parse(b.authored_at) - Date.parse(a.authored_at));
  const onTaken: OnTaken = (said, urgent) => {
    setTaken(said);
    setMustCall(mustCall || urgent);
  };
  return (
    <>
      <TakenBack said={taken} />
      <WaitsToBeTakenBack of="questionnaire_response" />
      {(mustCall || mustStillCall) && <StillThere />}
      {responses.length + waiting.length === 0 && <p>{say("checkins.none")}</p>}
      <ul class="ta-cards">
        {waiting.map((one) => (
          <WaitingAnswers key={one.item} unsent={one} onTaken={onTaken} />
        ))}
        {responses.slice(0, MOST).map((one) => (
          <KeptAnswers key={one.id} response={one} isChangeKnown={!isOpen} onTaken={onTaken} />
        ))}
      </ul>
    </>
  );
}

/** After answers were taken back; urgent: they could not wait. */
type OnTaken = (said: string, urgent: boolean) => void;

function WaitingAnswers({ unsent, onTaken }: { unsent: Extract<Unsent, { readonly kind: "questionnaire_response" }>; onTaken: OnTaken }) {
  const words = useWords();
  const { item, body } = unsent;
  return (
    <li class="ta-card">
      <h3 class="nhsuk-heading-s">{words.named("checkins", body.questionnaire)}</h3>
      <p>
        {words.dateTime(body.authored_at)} <NotSent />
      </p>
      <AnswersBack id={item} named={{ client_id: nameOf(unsent) }} of={body} onTaken={(said) => onTaken(said, isUrgent(unsent))} />
    </li>
  );
}

/** `isChangeKnown`: nothing that a total may be compared with was taken back and is not settled. */
function KeptAnswers({ response: one, isChangeKnown, onTaken }: { response: QuestionnaireResponse; isChangeKnown: boolean; onTaken: OnTaken }) {
  const words = useWords();
  const { say } = words;
  const person = usePerson();
  return (
    <li class="ta-card">
      <h3 class="nhsuk-heading-s">{words.named("checkins", one.questionnaire)}</h3>
      <p>{words.dateTime(one.authored_at)}</p>
      <Told response={one} />
      {one.change !== null && isChangeKnown && one.safety === null && <p>{one.change === 0 ? say("checkins.same") : say(one.change > 0 ? "checkins.more" : "checkins.less", { count: Math.abs(one.change) })}</p>}
      {one.recorded_by === person?.id && <AnswersBack id={one.id} named={{ id: one.id }} of={one} onTaken={(said) => onTaken(said, one.safety !== null)} />}
    </li>
  );
}

interface BackProps {
  id: string;
  named: Naming;
  of: { readonly questionnaire: string; readonly authored_at: string };
  onTaken: (said: string) => void;
}

function AnswersBack({ id, named, of: { questionnaire, authored_at }, onTaken }: BackProps) {
  const words = useWords();
  return <TakeBack id={`back-${id}`} of="questionnaire_response" named={named} about={`${words.named("checkins", questionnaire)}, ${words.dateTime(authored_at)}`} onTaken={onTaken} />;
}

/** What is unsent; whether answers were taken back that are not settled, by which changes are told no more; and whether some of them cannot wait. */
function useTakenBackAnswers() {
  const unsent = useUnsent();
  const kept = useKept();
  const open = retractionsIn(kept.unsent).filter(({ body }) => body.of === "questionnaire_response");
  const mustStillCall = open.some((retraction) => {
    const stands = kept.copy === undefined ? null : inCopy(retraction, "questionnaire_response", kept.copy);
    return stands?.safety != null || kept.unsent.some((one) => takesBack(retraction, one) && isUrgent(one));
  });
  return { unsent, isOpen: open.length > 0, mustStillCall };
}

/** In the place of a score, which would say that all is well: whom to call. */
function UrgentAnswer() {
  const { say } = useWords();
  return (
    <p>
      {say("checkins.urgent")}{" "}
      <To page="check_ins" rest={["help"]}>
        {say("crisis.open")}
      </To>
    </p>
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
      {one.safety !== null ? (
        <UrgentAnswer />
      ) : isWhole ? (
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
  const person = usePerson();
  const [taken, setTaken] = useState<string | null>(null);
  const waiting = useUnsent().flatMap((one) =>
    one.kind === "diary_entry" && one.state !== "refused"
      ? [{ id: one.item, at: one.body.effective_at, note: one.body.note ?? null, symptoms: (one.body.symptoms ?? []) as readonly Noticed[], isSent: false, named: { client_id: nameOf(one) } }]
      : [],
  );
  const told = [...copy.diaryEntries.values()].filter(({ status }) => status === "current").map(({ id, effective_at, note, symptoms, recorded_by }) => ({ id, at: effective_at, note, symptoms, isSent: true, named: recorded_by === person?.id ? { id } : null }));
  const entries = [...waiting, ...told].sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, MOST);
  return (
    <>
      <TakenBack said={taken} />
      <WaitsToBeTakenBack of="diary_entry" />
      {entries.length === 0 && <p>{say("diary.none")}</p>}
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
            {entry.named !== null && <TakeBack id={`back-${entry.id}`} of="diary_entry" named={entry.named} about={entry.note ?? words.dateTime(entry.at)} onTaken={setTaken} />}
          </li>
        ))}
      </ul>
    </>
  );
}

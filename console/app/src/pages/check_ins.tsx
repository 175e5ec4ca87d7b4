/** How one is: questions, the diary, and whom to call. `check-ins/` and a questionnaire's key, `diary` or `help`. */
import { PageHeading } from "#console/components/heading.tsx";
import { hasDraft } from "../pieces/draft_kept.ts";
import { Part, WhereToTurn } from "../pieces/panels.tsx";
import { useWholeCopy } from "../pieces/use_whole_copy.ts";
import { Asking } from "../questions/asking.tsx";
import { Crisis } from "../questions/crisis.tsx";
import { DiaryForm } from "../questions/diary_form.tsx";
import { PastAnswers, PastDiary } from "../questions/past.tsx";
import { INSTRUMENTS, type Instrument } from "../questions/questionnaire.ts";
import { To } from "../router/to.tsx";
import { usePerson } from "../services.ts";
import { useWords } from "../words/use_words.ts";
import type { PageProps } from "./page.ts";

export function CheckInsPage({ rest: [which] }: PageProps) {
  const { say } = useWords();
  const instrument = INSTRUMENTS.find(({ key }) => key === which);
  if (which === undefined || (which !== "diary" && which !== "help" && instrument === undefined)) return <AllCheckIns />;
  return (
    <>
      <To page="check_ins" class="nhsuk-back-link">
        {say("checkins.title")}
      </To>
      {instrument !== undefined && <Asking key={instrument.key} instrument={instrument} />}
      {which === "help" && <Crisis isAnswer={false} />}
      {which === "diary" && <Diary />}
    </>
  );
}

function Diary() {
  const { say } = useWords();
  const copy = useWholeCopy();
  return (
    <>
      <PageHeading title={say("diary.write")} />
      <DiaryForm />
      <Part title={say("diary.past")}>{copy === undefined ? <p>{say("common.no_copy")}</p> : <PastDiary copy={copy} />}</Part>
    </>
  );
}

function AllCheckIns() {
  const { say } = useWords();
  const copy = useWholeCopy();
  return (
    <>
      <PageHeading title={say("checkins.title")} />
      <p>
        <To page="check_ins" rest={["diary"]} class="nhsuk-button ta-wide">
          {say("diary.write")}
        </To>
      </p>
      <Part title={say("checkins.questionnaires")}>
        <ul class="ta-cards">
          {INSTRUMENTS.map((instrument) => (
            <InstrumentCard key={instrument.key} instrument={instrument} />
          ))}
        </ul>
      </Part>
      <Part title={say("checkins.past")}>{copy === undefined ? <p>{say("common.no_copy")}</p> : <PastAnswers copy={copy} />}</Part>
      <p>
        <To page="check_ins" rest={["help"]}>
          {say("crisis.open")}
        </To>
      </p>
      <WhereToTurn />
    </>
  );
}

function InstrumentCard({ instrument: { key, copyright } }: { instrument: Instrument }) {
  const { say, named } = useWords();
  const begun = hasDraft(usePerson()?.id ?? "", `check-in.${key}`);
  const about = <span class="nhsuk-u-visually-hidden">: {named("checkins", key)}</span>;
  return (
    <li class="ta-card">
      <h3 class="nhsuk-heading-s">{named("checkins", key)}</h3>
      {begun && <p>{say("checkins.begun")}</p>}
      <To page="check_ins" rest={[key]} class="nhsuk-button nhsuk-button--secondary">
        {begun ? say("checkins.go_on") : say("checkins.begin")}
        {about}
      </To>
      <details class="nhsuk-details">
        <summary class="nhsuk-details__summary">
          <span class="nhsuk-details__summary-text">
            {say("checkins.source")}
            {about}
          </span>
        </summary>
        <div class="nhsuk-details__text" lang="en">
          <p>{copyright}</p>
        </div>
      </details>
    </li>
  );
}

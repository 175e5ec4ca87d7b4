/** Plans of all the people whom a clinician cares for: questions that nobody has answered, and plans to be looked at again. */
import { useEffect } from "preact/hooks";
import { usePages, type Pages } from "../api/loading.ts";
import type { PlanQuestion, PlanReview } from "../api/types.ts";
import { AnswerQuestion } from "../components/answer_question.tsx";
import { Done } from "../components/done.tsx";
import { PageHeading } from "../components/heading.tsx";
import { Link } from "../components/link.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { Panel, Section } from "../components/section.tsx";
import { ShowMore } from "../components/show_more.tsx";
import { useDone } from "../components/use_done.ts";
import { calendarDate, dateAndTime } from "../format/times.ts";
import { onReturn } from "../live/ticking.ts";
import { useApi } from "../services.ts";

const PAGE = 50;
const LOOK_AGAIN_MS = 60_000;

export function PlansPage() {
  return (
    <>
      <PageHeading title="Plans" />
      <Questions />
      <ToReview />
    </>
  );
}

function Questions() {
  const api = useApi();
  const pages = usePages<PlanQuestion>("plan questions", (cursor, signal) => api.get("/v1/plan-questions", { query: { limit: PAGE, cursor } }, signal));
  const [done, say] = useDone();
  useLookingAgain(pages);
  const answered = ({ id, patient_name: name }: PlanQuestion): void => {
    pages.keepOnly((each) => each.id !== id);
    say(`${name}: your answer stands with the plan.`);
  };
  return (
    <Section id="questions" title="Questions about plans">
      <p class="tw-prose">
        What patients, and those who act for them, asked about their plans in the app, and nobody has answered. Nobody is called by a question:
        look here each working day. Only an answer takes a question off this list.
      </p>
      {done !== null && <Done {...done} />}
      {pages.items.map((each) => (
        <Question key={each.id} question={each} onAnswered={() => answered(each)} />
      ))}
      <Standing pages={pages} what="questions" failed="Questions" none="No question is open." />
    </Section>
  );
}

function Question({ question, onAnswered }: { question: PlanQuestion; onAnswered: () => void }) {
  const { id, patient_id: patientId, patient_name: name, title, version } = question;
  return (
    <Panel
      id={`question-${id}`}
      title={
        <>
          <Link to={{ page: "patient", id: patientId, tab: "plan" }}>{name}</Link>: {title}
        </>
      }
      level={3}
      data-question={id}
      tag={{ words: `Since ${dateAndTime(question.recorded_at)}`, colour: "yellow" }}
    >
      <p class="tw-typed">{question.note ?? "There is a question; it was not said which."}</p>
      <p class="tw-muted tw-small">
        Asked {dateAndTime(question.said_at)} by {question.asked_as === "patient" ? "the patient" : "somebody who acts for the patient"}, of version {version}
        {question.in_force ? "" : ", which is no longer in force"}.
      </p>
      <AnswerQuestion patientId={patientId} planId={question.plan_id} question={id} of={`${name}, ${title}`} onAnswered={onAnswered} />
    </Panel>
  );
}

function ToReview() {
  const api = useApi();
  const pages = usePages<PlanReview>("plan reviews", (cursor, signal) => api.get("/v1/reviews", { query: { limit: PAGE, cursor } }, signal));
  useLookingAgain(pages);
  return (
    <Section id="reviews" title="Plans to look at again">
      <p class="tw-prose">Plans in force whose review is overdue, or due within four weeks.</p>
      {pages.items.length > 0 && (
        <table class="nhsuk-table tw-table--small">
          <caption class="nhsuk-u-visually-hidden">Plans to be reviewed, the longest overdue first</caption>
          <thead>
            <tr>
              <th scope="col">Patient</th>
              <th scope="col">Plan</th>
              <th scope="col">Review by</th>
            </tr>
          </thead>
          <tbody>
            {pages.items.map((each) => (
              <tr key={each.plan_id}>
                <td>
                  <Link to={{ page: "patient", id: each.patient_id, tab: "plan" }}>{each.patient_name}</Link>
                </td>
                <td>{each.title}</td>
                <td>
                  {calendarDate(each.review_on)} {each.overdue && <strong class="nhsuk-tag nhsuk-tag--orange">Overdue</strong>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Standing pages={pages} what="plans" failed="Plans to look at again" none="No plan is due." />
    </Section>
  );
}

/** Where a list stands; what cannot be loaded is said, and never looks like none. */
function Standing({ pages, what, failed, none }: { pages: Pages<unknown>; what: string; failed: string; none: string }) {
  const isEmpty = pages.items.length === 0;
  return (
    <>
      {isEmpty && pages.status === "ready" && <p>{none}</p>}
      {isEmpty && pages.status === "loading" && <Loading what={what} />}
      {pages.status === "failed" && <LoadFailed what={failed} error={pages.error} retry={pages.retry} />}
      <ShowMore pages={pages} what={what} />
    </>
  );
}

/** A page that is left open asks again each minute, and when somebody comes back to it: as much of the list as is shown. */
function useLookingAgain({ renew, status }: Pages<unknown>): void {
  useEffect(() => {
    const again = (): void => void (document.visibilityState === "visible" && status === "ready" && renew(PAGE));
    const timer = setInterval(again, LOOK_AGAIN_MS);
    const stop = onReturn(again);
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [renew, status]);
}

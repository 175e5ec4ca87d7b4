/** What the day asks for: what to do and what is late, one's zone, goals, plans that are new, alerts about oneself. */
import { useState } from "preact/hooks";
import { PageHeading } from "#console/components/heading.tsx";
import { newClientId } from "#console/api/client_id.ts";
import { WaitingDraft } from "../care_plan/waiting_draft.tsx";
import { plansInForce, todayOf, restNow, type Due } from "../days/due.ts";
import { sinceOf } from "../days/did.ts";
import { askedBy } from "../days/recorded.ts";
import { dayIn, withOffsetOf } from "../days/instants.ts";
import { Goals } from "../goals/goals_in_short.tsx";
import { Acknowledge } from "../plan/acknowledge.tsx";
import { OwnAlerts } from "../plan/alerts.tsx";
import { SkipForm } from "../plan/skip_form.tsx";
import { AskedForLink } from "../plan/asked_for.tsx";
import { isToBeSaid } from "../plan/said_of.ts";
import { useOwnDay } from "../plan/use_own_day.ts";
import type { OwnDay } from "../plan/zone_now.ts";
import { ZoneNow, ZoneTexts } from "../plan/zones.tsx";
import { NotSent, Part, Told, WhereToTurn } from "../pieces/panels.tsx";
import { useWholeCopy } from "../pieces/use_whole_copy.ts";
import { useNow } from "../pieces/use_now.ts";
import { NewestReadings } from "../numbers/newest.tsx";
import { TakenBack, WaitsToBeTakenBack } from "../pieces/take_back.tsx";
import { StepBack } from "../plan/step_back.tsx";
import { To } from "../router/to.tsx";
import type { Copy } from "../store/copy.ts";
import { useDoing, useUnsent } from "../store/hooks.ts";
import { useWords } from "../words/use_words.ts";

export function TodayPage() {
  const words = useWords();
  const { say } = words;
  const copy = useWholeCopy();
  const now = useNow();
  return (
    <>
      <PageHeading title={say("today.title")}>
        {say("today.title")}
        <span class="nhsuk-caption-l ta-caption">{words.day(copy === undefined ? now : dayIn(copy, now))}</span>
      </PageHeading>
      {copy === undefined ? <p class="ta-told">{say("common.no_copy")}</p> : <Day copy={copy} now={now} />}
      <WhereToTurn />
    </>
  );
}

function Day({ copy, now }: { copy: Copy; now: number }) {
  const { say } = useWords();
  const day = useOwnDay(copy);
  return (
    <>
      <OwnAlerts copy={copy} day={day} now={now} />
      <Zones copy={copy} day={day} now={now} />
      <ToDo copy={copy} now={now} />
      <ToRead copy={copy} />
      <WaitingDraft copy={copy} />
      <Part title={say("today.goals")}>
        <Goals goals={[...copy.goals.values()]} />
      </Part>
      <Part title={say("today.readings")}>
        <NewestReadings copy={copy} most={4} now={now} />
        <p>
          <To page="record" class="nhsuk-button ta-wide">
            {say("today.record")}
          </To>
        </p>
      </Part>
    </>
  );
}

/** The zone of each plan that has zones. Without a network the words of each zone are open at once. */
function Zones({ copy, day, now }: { copy: Copy; day: OwnDay; now: number }) {
  const { say } = useWords();
  const plans = plansInForce(copy).filter(({ zones }) => zones.length > 0);
  if (plans.length === 0) return null;
  return (
    <Part title={say("zone.title")}>
      {plans.map((plan) => (
        <div key={plan.id}>
          <h3 class="nhsuk-heading-s">{plan.title}</h3>
          <ZoneNow plan={plan} day={day} now={now} />
          <details class="nhsuk-details" open={!day.online}>
            <summary class="nhsuk-details__summary">
              <span class="nhsuk-details__summary-text">
                {say("zone.each")}
                <span class="nhsuk-u-visually-hidden">: {plan.title}</span>
              </span>
            </summary>
            <div class="nhsuk-details__text">
              <ZoneTexts plan={plan} />
            </div>
          </details>
        </div>
      ))}
    </Part>
  );
}

/** Plans of which nobody has said yet that they are understood. One that was asked about stays until that is answered and said. */
function ToRead({ copy }: { copy: Copy }) {
  const { say } = useWords();
  const unsent = useUnsent();
  // Until the page is left, those that were answered here stay, with what was said.
  const [begun] = useState(() => plansInForce(copy).flatMap((plan) => (isToBeSaid(plan, unsent) ? [plan.id] : [])));
  const plans = plansInForce(copy).filter((plan) => begun.includes(plan.id) || isToBeSaid(plan, unsent));
  if (plans.length === 0) return null;
  return (
    <Part title={say("ack.on_today")}>
      {plans.map((plan) => (
        <div key={plan.id} class="ta-card">
          <h3 class="nhsuk-heading-s">{plan.title}</h3>
          <p>
            <To page="plan">
              {say("ack.read")}
              <span class="nhsuk-u-visually-hidden">: {plan.title}</span>
            </To>
          </p>
          <Acknowledge plan={plan} plans={copy.actionPlans} />
        </div>
      ))}
    </Part>
  );
}

/** Keeping what was done or skipped; what was told of the last one. */
function useCompleting(asOf: string) {
  const words = useWords();
  const { say } = words;
  const { keep } = useDoing();
  const [skipping, setSkipping] = useState<string | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const complete = async ({ plan, action }: Due, skipped: string | null): Promise<void> => {
    const at = Date.now();
    const body = { client_id: newClientId(), done_at: withOffsetOf(at, words.timeZone), plan_id: plan.id, action_id: action.id, as_of: asOf };
    await keep({ kind: "completion", body: skipped === null ? body : { ...body, skipped } });
    setSkipping(null);
    setTold(skipped === null ? `${say("today.did", { time: words.time(at) })}: ${action.title}` : `${say("today.skipped", { time: words.time(at), why: skipped })}: ${action.title}`);
  };
  return { skipping, setSkipping, told, setTold, complete };
}

function ToDo({ copy, now }: { copy: Copy; now: number }) {
  const { say } = useWords();
  const completing = useCompleting(copy.asOf);
  const { told, setTold } = completing;
  const [taken, setTaken] = useState<string | null>(null);
  // What was said of a tick that is taken back would look as if it were done.
  const onTaken = (said: string): void => {
    setTold(null);
    setTaken(said);
  };
  const day = todayOf(copy, sinceOf(copy, useUnsent()), now);
  return (
    <Part title={say("today.to_do")}>
      <Told words={told} />
      <TakenBack said={told === null ? taken : null} />
      <WaitsToBeTakenBack of="completion" />
      {copy.actionPlans.size === 0 && <p>{say("today.no_plan")}</p>}
      {day.resting.map((plan) => (
        <p key={plan.id} class="nhsuk-inset-text">
          <strong>{plan.title}</strong> <Resting until={restNow(plan, copy, dayIn(copy, now))?.until_on ?? null} />
        </p>
      ))}
      {day.due.length > 0 && day.toDo.length === 0 && <p>{say("today.nothing")}</p>}
      {day.due.length === 0 && day.resting.length === 0 && copy.actionPlans.size > 0 && <p>{say("today.no_actions")}</p>}
      <ToDoList due={day.toDo} now={now} completing={completing} />
      {day.unread.map((action) => (
        <p key={action.id}>
          {action.title}: {say("schedule.see_days")}
        </p>
      ))}
      {day.missedYesterday > 0 && <p class="ta-note">{say("today.yesterday_missed", { count: day.missedYesterday })}</p>}
      {day.done.length > 0 && <DoneToday done={day.done} onTaken={onTaken} />}
    </Part>
  );
}

function ToDoList({ due: all, now, completing }: { due: readonly Due[]; now: number; completing: ReturnType<typeof useCompleting> }) {
  const { skipping, setSkipping, complete } = completing;
  return (
    <ul class="ta-cards">
      {all.map((due) => {
        const key = `${due.action.id}-${due.time}`;
        return (
          <li key={key} class={`ta-card ${due.by <= now ? "ta-card--late" : ""}`} data-due={due.action.title}>
            <DueHead due={due} now={now} />
            {skipping === key ? (
              <SkipForm id={key} onSkip={(why) => void complete(due, why)} onLeave={() => setSkipping(null)} />
            ) : (
              <DueButtons due={due} onDone={() => void complete(due, null)} onSkip={() => setSkipping(key)} />
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Resting({ until }: { until: string | null }) {
  const words = useWords();
  return <>{until === null ? words.say("today.rests_open") : words.say("today.rests", { date: words.date(until) })}</>;
}

function DueHead({ due: { action, time, by, before }, now }: { due: Due; now: number }) {
  const words = useWords();
  const { say } = words;
  return (
    <>
      <h3 class="nhsuk-heading-s">{action.title}</h3>
      <p class="ta-when">{time === null ? say("today.due_any") : by <= now ? <strong>{say("today.overdue", { time })}</strong> : say("today.due_by", { time })}</p>
      {before !== null && (
        <p class="nhsuk-inset-text" data-before={action.title}>
          {say("today.did_before", { time: words.time(before.at) })} {!before.isSent && <NotSent />}
        </p>
      )}
      {action.instructions !== null && <p>{action.instructions}</p>}
    </>
  );
}

function DueButtons({ due: { action }, onDone, onSkip }: { due: Due; onDone: () => void; onSkip: () => void }) {
  const { say } = useWords();
  const asked = askedBy(action);
  const of = <span class="nhsuk-u-visually-hidden">{say("today.for_action", { title: action.title })}</span>;
  return (
    <div class="ta-buttons">
      {asked !== null && <AskedForLink asked={asked}>{of}</AskedForLink>}
      <button type="button" class={asked === null ? "nhsuk-button" : "nhsuk-button nhsuk-button--secondary"} onClick={onDone}>
        {say("today.do_done")}
        {of}
      </button>
      <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={onSkip}>
        {say("today.do_skip")}
        {of}
      </button>
    </div>
  );
}

function DoneToday({ done, onTaken }: { done: readonly Due[]; onTaken: (said: string) => void }) {
  const words = useWords();
  const { say } = words;
  return (
    <>
      <h3 class="nhsuk-heading-s">{say("today.done_heading")}</h3>
      <ul class="ta-lines">
        {done.map((due) => {
          const { action, time, did } = due;
          const key = `${action.id}-${time}`;
          return (
            <li key={key} data-done={action.title}>
              <strong>{action.title}</strong>{" "}
              {did !== null && (did.skipped === null ? say("today.did", { time: words.time(did.at) }) : say("today.skipped", { time: words.time(did.at), why: did.skipped }))}{" "}
              {did !== null && !did.isSent && <NotSent />}
              <StepBack due={due} id={`back-${key}`} onTaken={onTaken} />
            </li>
          );
        })}
      </ul>
    </>
  );
}

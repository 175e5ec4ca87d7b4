/** One plan: when it was agreed and is looked at again, what to do and on which days, how it went, and when it rests. */
import { comingDays, dayDue, type Due } from "../days/due.ts";
import { sinceOf } from "../days/did.ts";
import { dayIn } from "../days/instants.ts";
import { NotSent } from "../pieces/panels.tsx";
import { TakenBack } from "../pieces/take_back.tsx";
import { daysOn } from "../words/dates.ts";
import type { Copy } from "../store/copy.ts";
import { useUnsent } from "../store/hooks.ts";
import type { ActionPlan, Pause } from "../store/things.ts";
import { useWords } from "../words/use_words.ts";
import { useState } from "preact/hooks";
import { Acknowledge } from "./acknowledge.tsx";
import { StepBack } from "./step_back.tsx";
import { scheduleInWords } from "./schedule_words.ts";
import type { OwnDay } from "./zone_now.ts";
import { ZoneNow, ZoneTexts } from "./zones.tsx";

/** As many of the coming days as stand in a line. */
const MOST_DAYS = 7;

interface Props {
  plan: ActionPlan;
  copy: Copy;
  day: OwnDay;
  now: number;
}

export function OnePlan({ plan, copy, day, now }: Props) {
  const words = useWords();
  const { say } = words;
  const today = dayIn(copy, now);
  // By this phone's day: what the API said of it was of the moment it was told.
  const isLate = plan.review_on < today;
  const pauses = [...copy.pauses.values()].filter((pause) => (pause.plan_id === null || pause.plan_id === plan.id) && isOpen(pause, today));
  return (
    <section class="ta-part" aria-label={plan.title}>
      <h2 class="nhsuk-heading-m">{plan.title}</h2>
      <p>
        {say("plan.agreed", { date: words.date(plan.agreed_on) })} {isLate ? <strong>{say("plan.review_late", { date: words.date(plan.review_on) })}</strong> : say("plan.review", { date: words.date(plan.review_on) })}
      </p>
      {pauses.length > 0 && <Rests pauses={pauses} />}
      {plan.zones.length > 0 && <Zones plan={plan} day={day} now={now} />}
      <h3 class="nhsuk-heading-s">{say("plan.actions")}</h3>
      <ul class="ta-cards">
        {plan.actions.map((action) => (
          <ActionCard key={action.id} plan={plan} action={action} copy={copy} today={today} />
        ))}
      </ul>
      <h3 class="nhsuk-heading-s">{say("ack.title")}</h3>
      <Acknowledge plan={plan} plans={copy.actionPlans} />
    </section>
  );
}

function Zones({ plan, day, now }: { plan: ActionPlan; day: OwnDay; now: number }) {
  const { say } = useWords();
  return (
    <>
      <h3 class="nhsuk-heading-s">{say("zone.title")}</h3>
      <ZoneNow plan={plan} day={day} now={now} />
      <h3 class="nhsuk-heading-s">{say("zone.each")}</h3>
      <ZoneTexts plan={plan} />
    </>
  );
}

function isOpen({ until_on, due_again_on }: Pause, today: string): boolean {
  return (until_on === null || until_on >= today) && (due_again_on === null || due_again_on > today);
}

function Rests({ pauses }: { pauses: readonly Pause[] }) {
  const words = useWords();
  const { say } = words;
  return (
    <div class="nhsuk-inset-text">
      <h3 class="nhsuk-heading-s">{say("plan.rest")}</h3>
      {pauses.map((pause) => {
        const kind = words.named("plan.rest", pause.kind);
        const from = words.date(pause.from_on);
        return (
          <p key={pause.id}>
            {pause.until_on === null ? say("plan.rest_open", { kind, from }) : say("plan.rest_from", { kind, from, until: words.date(pause.until_on) })} {pause.reason}
          </p>
        );
      })}
    </div>
  );
}

interface ActionProps {
  plan: ActionPlan;
  action: ActionPlan["actions"][number];
  copy: Copy;
  today: string;
}

function ActionCard({ plan, action, copy, today }: ActionProps) {
  const words = useWords();
  const { say } = words;
  const unsent = useUnsent();
  const days = comingDays(plan, action, copy, today);
  const since = sinceOf(copy, unsent);
  const week = Array.from({ length: 7 }, (_, back) => dayDue(copy, since, daysOn(today, -back)).due)
    .flat()
    .filter((due) => due.action.id === action.id && due.did !== null);
  const done = week.filter((due) => due.did?.skipped === null).length;
  return (
    <li class="ta-card">
      <h4 class="nhsuk-heading-xs">{action.title}</h4>
      {action.instructions !== null && <p>{action.instructions}</p>}
      <p>{say("plan.when", { when: scheduleInWords(action.schedule, words) })}</p>
      {days !== null && <p>{days.length === 0 ? say("plan.no_days") : say("plan.days", { days: days.slice(0, MOST_DAYS).map((day) => words.day(day)).join(", ") })}</p>}
      <p class="ta-note">{say("plan.week", { done, skipped: week.length - done })}</p>
      <Week week={week} />
    </li>
  );
}

/** Each time that was answered, so that what was ticked by mistake can be taken back. */
function Week({ week }: { week: readonly Due[] }) {
  const words = useWords();
  const { say } = words;
  const [taken, setTaken] = useState<string | null>(null);
  return (
    <>
      <TakenBack said={taken} />
      {week.length > 0 && (
        <details class="nhsuk-details">
          <summary class="nhsuk-details__summary">
            <span class="nhsuk-details__summary-text">{say("back.week", { count: week.length })}</span>
          </summary>
          <ul class="ta-lines">
            {week.map((due) => {
              const { did, by, action } = due;
              const at = did?.at ?? by;
              return (
                <li key={by}>
                  {words.day(at)}: {did?.skipped == null ? say("today.did", { time: words.time(at) }) : say("today.skipped", { time: words.time(at), why: did.skipped })}{" "}
                  {did?.isSent === false && <NotSent />}
                  <StepBack due={due} id={`back-${action.id}-${by}`} onTaken={setTaken} />
                </li>
              );
            })}
          </ul>
        </details>
      )}
    </>
  );
}

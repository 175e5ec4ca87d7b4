/** One's plans: what was agreed, what to do, and on which days. */
import { PageHeading } from "#console/components/heading.tsx";
import { standingOf } from "../care_plan/standing.ts";
import { plansInForce } from "../days/due.ts";
import { WhereToTurn } from "../pieces/panels.tsx";
import { useNow } from "../pieces/use_now.ts";
import { useWholeCopy } from "../pieces/use_whole_copy.ts";
import { OnePlan } from "../plan/one_plan.tsx";
import { useOwnDay } from "../plan/use_own_day.ts";
import { To } from "../router/to.tsx";
import type { Copy } from "../store/copy.ts";
import type { ActionPlan } from "../store/things.ts";
import { useWords } from "../words/use_words.ts";

export function PlanPage() {
  const { say } = useWords();
  const copy = useWholeCopy();
  const now = useNow();
  const plans = copy === undefined ? [] : plansInForce(copy);
  return (
    <>
      <PageHeading title={say("plan.title")} />
      {copy === undefined && <p class="ta-told">{say("common.no_copy")}</p>}
      {copy !== undefined && plans.length === 0 && <p>{say("plan.none")}</p>}
      {copy !== undefined && plans.length > 0 && <Plans plans={plans} copy={copy} now={now} />}
      {plans.length > 0 && <p class="ta-note">{say("plan.own_note")}</p>}
      <CarePlanLink copy={copy} />
      <p>
        <To page="goals">{say("goals.title")}</To>
      </p>
      <WhereToTurn />
    </>
  );
}

/** Beside what to do: what matters to one, and whether a draft of it waits for an answer. */
function CarePlanLink({ copy }: { copy: Copy | undefined }) {
  const { say } = useWords();
  const { drafts } = standingOf(copy?.carePlans.values() ?? []);
  return (
    <p>
      <To page="care_plan">{say("care.title")}</To> {drafts.length > 0 && <strong class="nhsuk-tag nhsuk-tag--yellow">{say("care.draft_waits", { count: drafts.length })}</strong>}
    </p>
  );
}

function Plans({ plans, copy, now }: { plans: readonly ActionPlan[]; copy: Copy; now: number }) {
  const day = useOwnDay(copy);
  return (
    <>
      {plans.map((plan) => (
        <OnePlan key={plan.id} plan={plan} copy={copy} day={day} now={now} />
      ))}
    </>
  );
}

/** The pauses that hold now or are to come, each with the way to go on before its time. */
import { useDeed } from "#console/api/deeds.ts";
import { useApi } from "#console/services.ts";
import { Part } from "../pieces/panels.tsx";
import type { ActionPlan, Pause } from "../store/things.ts";
import { useWords } from "../words/use_words.ts";
import { notOver } from "./pausing.ts";

interface Props {
  pauses: readonly Pause[];
  plans: ReadonlyMap<string, ActionPlan>;
  today: string;
  patientId: string;
  onDone: (words: string) => void;
}

export function Pauses({ pauses, plans, today, patientId, onDone }: Props) {
  const { say } = useWords();
  const kept = notOver(pauses, today);
  return (
    <Part title={say("rests.now")}>
      {kept.length === 0 && <p>{say("rests.none")}</p>}
      <ul class="ta-cards">
        {kept.map((pause) => (
          <li key={pause.id} class="ta-card" data-pause={pause.kind}>
            <OnePause pause={pause} plan={pause.plan_id === null ? null : (plans.get(pause.plan_id)?.title ?? null)} patientId={patientId} onDone={onDone} />
          </li>
        ))}
      </ul>
    </Part>
  );
}

function OnePause({ pause, plan, patientId, onDone }: { pause: Pause; plan: string | null; patientId: string; onDone: Props["onDone"] }) {
  const words = useWords();
  const { say } = words;
  const api = useApi();
  const deed = useDeed();
  const from = words.date(pause.from_on);
  const when = pause.until_on === null ? say("rests.open", { from }) : say("rests.days", { from, until: words.date(pause.until_on) });
  const end = async (): Promise<void> => {
    const path = { patient_id: patientId, pause_id: pause.id };
    if ((await deed.run(pause.id, () => api.post("/v1/patients/{patient_id}/pauses/{pause_id}/end", { path }))) !== undefined) onDone(say("rests.ended"));
  };
  return (
    <>
      <h3 class="nhsuk-heading-s">{say(`rests.kind.${pause.kind}`)}</h3>
      <p>{when}</p>
      <p class="ta-note">
        {pause.plan_id === null ? say("rests.of_all") : say("rests.of_one", { plan: plan ?? say("rests.a_plan") })} {pause.reason ?? ""}
      </p>
      {deed.error !== null && <p role="alert">{say("common.failed")}</p>}
      <button type="button" class="nhsuk-button nhsuk-button--secondary" aria-disabled={deed.busy} onClick={() => void end()}>
        {say("rests.end")}
        <span class="nhsuk-u-visually-hidden">: {`${say(`rests.kind.${pause.kind}`)}, ${when}`}</span>
      </button>
    </>
  );
}

/**
 * Alerts about oneself that are open: what somebody was told, and whether anybody has answered. With a network as they are told now;
 * else as the copy has them, with of when that is: one that is answered by now must not look as if nobody had (H52 and offline.md).
 */
import { Part } from "../pieces/panels.tsx";
import { Calls } from "../questions/crisis.tsx";
import type { Copy } from "../store/copy.ts";
import type { OwnAlert } from "../store/things.ts";
import { useWords } from "../words/use_words.ts";
import type { OwnDay } from "./zone_now.ts";

export function OwnAlerts({ copy, day: { online, heard }, now }: { copy: Copy; day: OwnDay; now: number }) {
  const words = useWords();
  const { say } = words;
  const isOfNow = online && heard !== null;
  const alerts = isOfNow ? heard.told.alerts : [...copy.alerts.values()];
  if (alerts.length === 0) return null;
  return (
    <Part title={say("today.alerts")} class="ta-alerts">
      {!isOfNow && <p data-alerts-as-of>{say("today.alerts_as_of", { when: words.lately(copy.asOf, now) })}</p>}
      {alerts.map((alert) => (
        <Alert key={alert.id} alert={alert} isOfNow={isOfNow} now={now} />
      ))}
    </Part>
  );
}

/** The rule of answers that cannot wait. */
const CANNOT_WAIT = "phq9-item-9";

function Alert({ alert: { rule, reason, raised_at, status }, isOfNow, now }: { alert: OwnAlert; isOfNow: boolean; now: number }) {
  const words = useWords();
  const { say } = words;
  const when = words.lately(raised_at, now);
  return (
    <div class="nhsuk-inset-text">
      <p lang={rule === CANNOT_WAIT ? undefined : "en"}>
        <strong>{rule === CANNOT_WAIT ? say("today.alert_cannot_wait") : reason}</strong>
      </p>
      <p>{isOfNow ? say(status === "acknowledged" ? "today.alert_taken" : "today.alert_open", { when }) : say(status === "acknowledged" ? "today.alert_was_taken" : "today.alert_was_open", { when })}</p>
      {rule === CANNOT_WAIT && <Calls />}
    </div>
  );
}

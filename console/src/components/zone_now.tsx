/** In which zone of a plan somebody is as it stands now, with its reasons; asked for each minute. What is not known never looks green. */
import { useEffect } from "preact/hooks";
import { useLoaded, useLoadedOnReturn, useReloadOn } from "../api/loading.ts";
import type { ActionPlanDetail, ZoneColour } from "../api/types.ts";
import { dateAndTime } from "../format/times.ts";
import { zoneStanding, type Symptoms } from "../format/zones.ts";
import { useSecond } from "../live/ticking.ts";
import { useApi } from "../services.ts";
import { useLiveFacts } from "./live_context.ts";
import { LoadFailed, Loading } from "./problem.tsx";

const LOOK_AGAIN_MS = 60_000;

interface Props {
  plan: ActionPlanDetail;
  symptoms: Symptoms;
  changes: number;
}

export function ZoneNow({ plan, symptoms, changes }: Props) {
  const api = useApi();
  const path = { patient_id: plan.patient_id, plan_id: plan.id };
  const zone = useLoaded(plan.id, (signal) => api.get("/v1/patients/{patient_id}/action-plans/{plan_id}/zone", { path }, signal));
  const reload = useLoadedOnReturn(zone);
  useReloadOn(changes, reload);
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && reload?.(), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [reload]);
  useSecond();
  const { now } = useLiveFacts();
  if (zone.status === "loading") return <Loading what="the zone" />;
  if (zone.status === "failed") return <LoadFailed what="The zone" error={zone.error} retry={zone.retry} />;
  const { colour, words, lines } = zoneStanding(zone.value, plan.time_zone, symptoms, now());
  return (
    <div class={`tw-zone tw-zone--${colour ?? "unknown"}`} data-zone={colour ?? "unknown"}>
      <p class="tw-zone__name">
        <Shape colour={colour} />
        <strong>{colour === null ? "Zone not known" : words}</strong>
      </p>
      {colour === null && <p>{words}</p>}
      {lines.length > 0 && (
        <ul class="nhsuk-list nhsuk-list--bullet">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {colour === null && <p>That it is not known does not mean that all is well.</p>}
      {colour !== null && zone.value.instructions !== null && <p>Agreed for this zone: {zone.value.instructions}</p>}
      <p class="tw-muted tw-small">Worked out {dateAndTime(zone.value.as_of)} from readings and diary. Nobody is called because of a zone.</p>
    </div>
  );
}

/** A shape beside the colour: a circle, a triangle, a stop sign; not known is a broken ring. */
const SHAPES: Readonly<Record<ZoneColour | "unknown", string>> = {
  green: "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20Z",
  amber: "M12 2 23 22H1Z",
  red: "M8 1h8l7 7v8l-7 7H8l-7-7V8Z",
  unknown: "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18Z",
};

function Shape({ colour }: { colour: ZoneColour | null }) {
  const kind = colour ?? "unknown";
  return (
    <svg class={`tw-zone__shape tw-zone__shape--${kind}`} viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
      <path d={SHAPES[kind]} />
    </svg>
  );
}

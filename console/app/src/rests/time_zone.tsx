/** In which time zone one's days are: what is due when, and what today is. Another holds from the next day on. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { useDeed } from "#console/api/deeds.ts";
import { Refused } from "#console/api/http.ts";
import { useLoaded } from "#console/api/loading.ts";
import type { components } from "#console/api/schema.gen.ts";
import { useApi } from "#console/services.ts";
import { Select } from "../pieces/fields.tsx";
import { Part } from "../pieces/panels.tsx";
import { useWords } from "../words/use_words.ts";

interface Props {
  patientId: string;
  onDone: (words: string) => void;
}

export function TimeZone({ patientId, onDone }: Props) {
  const { say } = useWords();
  const api = useApi();
  const loaded = useLoaded(patientId, (signal) => api.read("/v1/patients/{patient_id}/time-zone", { path: { patient_id: patientId } }, signal));
  return (
    <Part title={say("zone_of.title")}>
      {loaded.status === "loading" && <p role="status">{say("common.loading")}</p>}
      {loaded.status === "failed" && <p role="alert">{say("common.failed")}</p>}
      {loaded.status === "ready" && (
        <Form key={loaded.value.tag} told={loaded.value.value} tag={loaded.value.tag} patientId={patientId} onDone={onDone} reload={loaded.reload} />
      )}
    </Part>
  );
}

interface FormProps extends Props {
  told: Told;
  tag: string;
  reload: () => void;
}

function Form({ told, tag, patientId, onDone, reload }: FormProps) {
  const words = useWords();
  const { say } = words;
  const api = useApi();
  const deed = useDeed();
  const [latest] = told.choices;
  const [name, setName] = useState(latest?.time_zone ?? told.time_zone);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const made = await deed.run(name, () => api.put("/v1/patients/{patient_id}/time-zone", { path: { patient_id: patientId }, body: { time_zone: name } }, tag));
    if (made === undefined) return;
    onDone(say("zone_of.kept"));
    reload();
  };
  const isStale = deed.error instanceof Refused && deed.error.status === 412;
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <p>{say("zone_of.now", { zone: worded(told.time_zone) })}</p>
      {isNext(told, latest) && <p>{say("zone_of.next", { zone: worded(latest.time_zone), date: words.date(latest.from_on) })}</p>}
      {deed.error !== null && (
        <p role="alert">
          {say(isStale ? "zone_of.changed" : "common.failed")}{" "}
          {isStale && (
            <button type="button" class="tw-as-link" onClick={reload}>
              {say("common.again")}
            </button>
          )}
        </p>
      )}
      <Select id="time-zone" label={say("zone_of.choose")} hint={say("zone_of.hint")} value={name} onValue={setName} choices={zonesWith(name, told.time_zone).map((zone) => ({ value: zone, words: worded(zone) }))} />
      <button type="submit" class="nhsuk-button nhsuk-button--secondary" aria-disabled={deed.busy}>
        {say("common.save")}
      </button>
    </form>
  );
}

type Told = components["schemas"]["TimeZoneOut"];

/** Whether another zone than today's was chosen for a day that has not begun. */
function isNext({ today, time_zone }: Told, latest: Told["choices"][number] | undefined): latest is Told["choices"][number] {
  if (latest === undefined || latest.time_zone === time_zone) return false;
  return latest.from_on > today;
}

/** Every zone that this browser knows, with those that were chosen already; of a browser that cannot tell, that of its own clock. */
function zonesWith(...known: readonly string[]): string[] {
  const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const all = typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : [own];
  return [...new Set([...all, ...known])].sort();
}

function worded(zone: string): string {
  return zone.replaceAll("_", " ");
}

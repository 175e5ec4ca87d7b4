/** Every reading of one person, latest first, page by page: what, when, by whom, from what, and what became of it since. */
import { useState } from "preact/hooks";
import { usePages } from "../api/loading.ts";
import type { Observation, SignKey } from "../api/types.ts";
import { signWords, unitInWords, valueInWords, inChartOrder } from "../format/signs.ts";
import { dateAndSecond } from "../format/times.ts";
import { useApi } from "../services.ts";
import { DataCell, DataRow, DataTable } from "./data_table.tsx";
import { SelectField } from "./fields.tsx";
import { LoadFailed, Loading } from "./problem.tsx";
import { ShowMore } from "./show_more.tsx";

/** On a phone each reading is a card as high as a hand is wide: ten are three screens. */
const PAGE = { phone: 10, desk: 50 };
const PHONE = "(max-width: 640px)";

const HEADS = ["Taken", "Sign", "Reading", "Recorded by", "Source", "Status"].map((name) => ({ name }));

interface Props {
  patientId: string;
  signs: Iterable<SignKey>;
  /** Who the person themselves is to the reader: "The patient" or "You". */
  self: string;
}

export function ReadingsTable({ patientId, signs, self }: Props) {
  const api = useApi();
  const [sign, setSign] = useState<SignKey | "">("");
  const [limit] = useState(() => (window.matchMedia(PHONE).matches ? PAGE.phone : PAGE.desk));
  const pages = usePages<Observation>(`${patientId} ${sign}`, (cursor, signal) =>
    api.get(
      "/v1/patients/{patient_id}/observations",
      { path: { patient_id: patientId }, query: { sign: sign === "" ? null : sign, limit, cursor } },
      signal,
    ),
  );
  const choices = [{ value: "", words: "All signs" }, ...inChartOrder(signs).map((one) => ({ value: one, words: signWords(one).name }))];
  return (
    <>
      <SelectField id="sign-filter" label="Show" value={sign} onValue={(value) => setSign(value as SignKey | "")} choices={choices} />
      {pages.items.length > 0 && <Rows observations={pages.items} self={self} />}
      {pages.items.length === 0 && pages.status === "ready" && <p>No readings yet.</p>}
      {pages.status === "loading" && pages.items.length === 0 && <Loading what="readings" />}
      {pages.status === "failed" && <LoadFailed what="Readings" error={pages.error} retry={pages.retry} />}
      <ShowMore pages={pages} what="readings" />
    </>
  );
}

function Rows({ observations, self }: { observations: readonly Observation[]; self: string }) {
  return (
    <DataTable caption="Readings, latest first" hideCaption heads={HEADS} class="tw-readings">
      {observations.map((observation) => (
        <Row key={observation.id} observation={observation} self={self} />
      ))}
    </DataTable>
  );
}

/** The capacity in which a reading was recorded; names of staff are not part of a reading. */
const RECORDERS: Record<string, string> = { practice: "The practice", care_team: "Care team", care_home: "Care home", delegate: "Somebody acting for them" };

function Row({ observation, self }: { observation: Observation; self: string }) {
  const who = observation.recorded_as === "self" ? self : (RECORDERS[observation.recorded_as] ?? observation.recorded_as);
  const withdrawn = observation.status === "entered-in-error" || observation.status === "superseded";
  const unit = unitInWords(observation.sign, observation.unit);
  const value = `${valueInWords(observation)} ${unit}`.trim();
  return (
    <DataRow class={withdrawn ? "tw-withdrawn" : ""}>
      <DataCell head="Taken">
        <time dateTime={observation.effective_at}>{dateAndSecond(observation.effective_at)}</time>
      </DataCell>
      <DataCell head="Sign">{signWords(observation.sign).name}</DataCell>
      <DataCell head="Reading">
        {withdrawn ? <s>{value}</s> : <strong>{value}</strong>}
        <Original observation={observation} />
      </DataCell>
      <DataCell head="Recorded by">{who}</DataCell>
      <DataCell head="Source">{observation.source === "manual" ? "Typed in" : observation.source}</DataCell>
      <DataCell head="Status">
        {statusInWords(observation)}
        {observation.reason !== null && <span class="tw-muted tw-original">{observation.reason}</span>}
      </DataCell>
    </DataRow>
  );
}

/** What was sent, when it was in another unit than what is kept. */
function Original({ observation }: { observation: Observation }) {
  const { original, unit, sign } = observation;
  if (original === null || original.unit === unit) return null;
  return (
    <span class="tw-muted tw-original">
      sent as {original.value} {unitInWords(sign, original.unit)}
    </span>
  );
}

const STATUS: Record<string, string> = {
  final: "Recorded",
  corrected: "Correction of an earlier reading",
  superseded: "Corrected since",
  "entered-in-error": "Entered in error",
};

function statusInWords({ status, confirmed }: Observation): string {
  const words = STATUS[status] ?? status;
  return confirmed && status === "final" ? `${words}, confirmed` : words;
}

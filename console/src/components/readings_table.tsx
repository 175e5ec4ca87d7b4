/** Every reading of one person, latest first, page by page: what, when, by whom, from what, and what became of it since. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { query } from "../api/client.ts";
import { usePages } from "../api/loading.ts";
import type { Observation, ObservationPage } from "../api/types.ts";
import { signWords, unitInWords, valueInWords, inChartOrder } from "../format/signs.ts";
import { dateAndSecond } from "../format/times.ts";
import { useApi } from "../services.ts";
import { SelectField } from "./fields.tsx";
import { LoadFailed, Loading } from "./problem.tsx";

const PAGE = 50;

interface Props {
  patientId: string;
  signs: Iterable<string>;
  /** Who the person themselves is to the reader: "The patient" or "You". */
  self: string;
}

export function ReadingsTable({ patientId, signs, self }: Props) {
  const api = useApi();
  const [sign, setSign] = useState("");
  const pages = usePages<Observation>(`${patientId} ${sign}`, (cursor, signal) =>
    api.get<ObservationPage>(`/patients/${patientId}/observations${query({ sign, limit: PAGE, cursor })}`, signal),
  );
  const choices = [{ value: "", words: "All signs" }, ...inChartOrder(signs).map((one) => ({ value: one, words: signWords(one).name }))];
  return (
    <>
      <SelectField id="sign-filter" label="Show" value={sign} onValue={setSign} choices={choices} />
      {pages.items.length > 0 && <Rows observations={pages.items} self={self} />}
      {pages.items.length === 0 && pages.status === "ready" && <p>No readings yet.</p>}
      {pages.status === "loading" && <Loading what="readings" />}
      {pages.status === "failed" && <LoadFailed what="Readings" error={pages.error} retry={pages.loadMore} />}
      {pages.status === "ready" && pages.more && (
        <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={pages.loadMore}>
          Load more
        </button>
      )}
    </>
  );
}

function Rows({ observations, self }: { observations: readonly Observation[]; self: string }) {
  return (
    <table class="nhsuk-table nhsuk-table-responsive tw-readings" role="table">
      <caption class="nhsuk-u-visually-hidden">Readings, latest first</caption>
      <thead role="rowgroup">
        <tr role="row">
          {["Taken", "Sign", "Reading", "Recorded by", "Source", "Status"].map((head) => (
            <th key={head} role="columnheader" scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {observations.map((observation) => (
          <Row key={observation.id} observation={observation} who={observation.recorded_as === "self" ? self : (RECORDERS[observation.recorded_as] ?? observation.recorded_as)} />
        ))}
      </tbody>
    </table>
  );
}

/** The capacity in which a reading was recorded; names of staff are not part of a reading. */
const RECORDERS: Record<string, string> = { practice: "The practice", care_team: "Care team", care_home: "Care home" };

function Row({ observation, who }: { observation: Observation; who: string }) {
  const withdrawn = observation.status === "entered-in-error" || observation.status === "superseded";
  const unit = unitInWords(observation.sign, observation.unit);
  const value = `${valueInWords(observation)} ${unit}`.trim();
  return (
    <tr role="row" class={withdrawn ? "tw-withdrawn" : undefined}>
      <Cell head="Taken">
        <time dateTime={observation.effective_at}>{dateAndSecond(observation.effective_at)}</time>
      </Cell>
      <Cell head="Sign">{signWords(observation.sign).name}</Cell>
      <Cell head="Reading">
        {withdrawn ? <s>{value}</s> : <strong>{value}</strong>}
        <Original observation={observation} />
      </Cell>
      <Cell head="Recorded by">{who}</Cell>
      <Cell head="Source">{observation.source === "manual" ? "Typed in" : observation.source}</Cell>
      <Cell head="Status">
        {statusInWords(observation)}
        {observation.reason !== null && <span class="tw-muted tw-original">{observation.reason}</span>}
      </Cell>
    </tr>
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

function Cell({ head, children }: { head: string; children: ComponentChildren }) {
  return (
    <td role="cell">
      <span class="nhsuk-table-responsive__heading" aria-hidden="true">
        {head}{" "}
      </span>
      <span>{children}</span>
    </td>
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

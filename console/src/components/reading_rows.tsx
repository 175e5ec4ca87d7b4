/** The rows of the list of readings: what was measured, by whom, from what, what became of it, and the way to put it right. */
import type { Observation } from "../api/types.ts";
import { readingInWords } from "../amending/amendment.ts";
import { signWords, unitInWords, valueInWords } from "../format/signs.ts";
import { dateAndSecond } from "../format/times.ts";
import { DataCell, DataRow, DataTable } from "./data_table.tsx";

const HEADS = ["Taken", "Sign", "Reading", "Recorded by", "Source", "Status"].map((name) => ({ name }));

interface Props {
  observations: readonly Observation[];
  /** Who the person themselves is to the reader. */
  self: string;
  /** Whether it is offered to be put right. */
  amends: (observation: Observation) => boolean;
  onAmend: (observation: Observation) => void;
}

export function ReadingRows({ observations, self, amends, onAmend }: Props) {
  return (
    <DataTable caption="Readings, latest first" hideCaption heads={HEADS} class="tw-readings">
      {observations.map((observation) => (
        <Row key={observation.id} observation={observation} self={self} onAmend={amends(observation) ? onAmend : undefined} />
      ))}
    </DataTable>
  );
}

/** The capacity in which a reading was recorded; names of staff are not part of a reading. */
const RECORDERS: Record<string, string> = { practice: "The practice", care_team: "Care team", care_home: "Care home", delegate: "Somebody acting for the person" };

interface RowProps {
  observation: Observation;
  self: string;
  onAmend: ((observation: Observation) => void) | undefined;
}

function Row({ observation, self, onAmend }: RowProps) {
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
        {onAmend !== undefined && <AmendButton observation={observation} onAmend={onAmend} />}
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

function AmendButton({ observation, onAmend }: { observation: Observation; onAmend: (observation: Observation) => void }) {
  return (
    <button type="button" class="tw-link-button tw-amend" onClick={() => onAmend(observation)}>
      Put right<span class="nhsuk-u-visually-hidden">: {readingInWords(observation)}</span>
    </button>
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

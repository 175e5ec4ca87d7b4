/** The rows of the list of readings: what was measured, by whom, from what, what became of it, and the way to put it right. */
import type { Observation } from "../api/types.ts";
import { readingInWords } from "../amending/amendment.ts";
import { correctionInWords, endInWords, recorderInWords, valueWithUnit } from "../amending/ended.ts";
import { signWords, unitInWords } from "../format/signs.ts";
import { dateAndSecond } from "../format/times.ts";
import { useReaderId } from "../services.ts";
import { DataCell, DataRow, DataTable } from "./data_table.tsx";

const HEADS = ["Taken", "Sign", "Reading", "Recorded by", "Source", "Status"].map((name) => ({ name }));

interface Props {
  observations: readonly Observation[];
  /** Who the person themselves is to the reader. */
  self: string;
  /** Whoever acts for them and recorded some of it, by account, as far as the reader may know them. */
  recorders: ReadonlyMap<string, string>;
  /** Whether it is offered to be put right. */
  amends: (observation: Observation) => boolean;
  onAmend: (observation: Observation) => void;
}

export function ReadingRows({ observations, self, recorders, amends, onAmend }: Props) {
  const reader = useReaderId();
  const byId = new Map(observations.map((each) => [each.id, each]));
  return (
    <DataTable caption="Readings, latest first" hideCaption heads={HEADS} class="tw-readings">
      {observations.map((observation) => (
        <Row
          key={observation.id}
          observation={observation}
          before={byId.get(observation.supersedes ?? "")}
          self={self}
          recorder={recorderInWords(observation, { reader, self }, recorders)}
          onAmend={amends(observation) ? onAmend : undefined}
        />
      ))}
    </DataTable>
  );
}

interface RowProps {
  observation: Observation;
  /** What it took the place of, where the list has it. */
  before: Observation | undefined;
  self: string;
  recorder: string;
  onAmend: ((observation: Observation) => void) | undefined;
}

function Row({ observation, before, self, recorder, onAmend }: RowProps) {
  const withdrawn = observation.status === "entered-in-error" || observation.status === "superseded";
  const value = valueWithUnit(observation);
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
      <DataCell head="Recorded by">{recorder}</DataCell>
      <DataCell head="Source">{observation.source === "manual" ? "Typed in" : observation.source}</DataCell>
      <DataCell head="Status">
        <Stands observation={observation} before={before} self={self} />
        {onAmend !== undefined && <AmendButton observation={observation} onAmend={onAmend} />}
      </DataCell>
    </DataRow>
  );
}

/** What became of it, what is most telling first: it stands no more, it corrects another, or it was recorded. */
function Stands({ observation, before, self }: Pick<RowProps, "observation" | "before" | "self">) {
  const reader = useReaderId();
  const ended = endInWords(observation, { reader, self });
  const correction = correctionInWords(observation, before);
  if (ended === null) return <>{correction ?? (observation.confirmed ? "Recorded, confirmed" : "Recorded")}</>;
  return (
    <>
      {ended}
      {correction !== null && <span class="tw-original">{correction}</span>}
    </>
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

/** All measures at a glance: rates before and since, and their ratio drawn. */
import type { Estimate, MeasureOutcome } from "../api/types.ts";
import { estimateInWords, ratioInWords } from "../format/outcomes.ts";
import { DataCell, DataRow, DataTable } from "./data_table.tsx";
import { RatioDrawing } from "./ratio_drawing.tsx";

interface Props {
  results: readonly MeasureOutcome[];
  ratePer: number;
}

const INTERVAL = "(95% interval)";
const HEADS = [
  { name: "Measure" },
  { name: "Before", note: INTERVAL },
  { name: "Since", note: INTERVAL },
  { name: "Rate ratio", note: INTERVAL },
] as const;

export function MeasuresTable({ results, ratePer }: Props) {
  const caption = `Before and since joining, per ${ratePer.toLocaleString("en-GB")} person-days`;
  return (
    <DataTable caption={caption} heads={HEADS} class="tw-measures">
      {results.map((outcome) => (
        <DataRow key={outcome.measure.key}>
          <DataCell head="Measure">
            <strong>{outcome.measure.name}</strong>
          </DataCell>
          <DataCell head="Before">
            <Words estimate={outcome.before.rate} />
          </DataCell>
          <DataCell head="Since">
            <Words estimate={outcome.since.rate} />
          </DataCell>
          <DataCell head="Rate ratio">
            <Words estimate={outcome.rate_ratio} written={ratioInWords} />
            <RatioDrawing ratio={outcome.rate_ratio} of={outcome.measure.name} />
          </DataCell>
        </DataRow>
      ))}
    </DataTable>
  );
}

function Words({ estimate, written = estimateInWords }: { estimate: Estimate; written?: (estimate: Estimate) => string }) {
  return <span class={estimate.value === null ? "tw-absent" : undefined}>{written(estimate)}</span>;
}

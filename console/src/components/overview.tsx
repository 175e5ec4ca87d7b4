/** The latest of each sign, and how each has moved: what one looks at first. */
import { useState } from "preact/hooks";
import { RANGES, type Range } from "../charts/ranges.ts";
import { SignChart, type Subscribe } from "../charts/sign_chart.tsx";
import { useOpeningRange } from "../charts/use_opening_range.ts";
import { inChartOrder } from "../format/signs.ts";
import type { Signs } from "../live/latest.ts";
import type { RecordLive } from "../live/use_record_live.ts";
import { LoadFailed, Loading } from "./problem.tsx";
import { SignTiles } from "./sign_tile.tsx";
import { useLiveFacts } from "./live_context.ts";
import { Section } from "./section.tsx";

interface Props {
  patientId: string;
  record: RecordLive;
}

export function Overview({ patientId, record: { signs, failed, subscribe } }: Props) {
  if (failed !== null) return <LoadFailed what="Readings" error={failed.error} retry={failed.retry} />;
  if (signs === null) return <Loading what="readings" />;
  if (signs.size === 0) return <p>No readings yet.</p>;
  return (
    <>
      <Section id="latest" title="Latest readings" size="s">
        <SignTiles signs={signs} large />
      </Section>
      <OverTime patientId={patientId} signs={signs} subscribe={subscribe} />
    </>
  );
}

interface OverTimeProps {
  patientId: string;
  signs: Signs;
  subscribe: Subscribe;
}

function OverTime({ patientId, signs, subscribe }: OverTimeProps) {
  const { now } = useLiveFacts();
  const opening = useOpeningRange(patientId, signs, now);
  const [chosen, setRange] = useState<Range | null>(null);
  const range = chosen ?? opening;
  if (range === null) return <Loading what="charts" />;
  const drawn = inChartOrder(signs.keys()).flatMap((sign) => {
    const shown = signs.get(sign);
    if (shown === undefined) return [];
    // A chart stays while its latest reading is being asked for again.
    if (shown.observation === null) return shown.coded ? [] : [{ sign, unit: shown.unit }];
    return shown.observation.code !== null ? [] : [{ sign, unit: shown.observation.unit }];
  });
  return (
    <Section id="charts" title="Over time" size="s">
      <RangeChoice chosen={range} onChoose={setRange} />
      <div class="tw-charts">
        {drawn.map(({ sign, unit }) => (
          <SignChart key={sign} patientId={patientId} sign={sign} unit={unit} range={range} subscribe={subscribe} />
        ))}
      </div>
    </Section>
  );
}

function RangeChoice({ chosen, onChoose }: { chosen: Range; onChoose: (range: Range) => void }) {
  return (
    <fieldset class="tw-ranges">
      <legend>Show the last</legend>
      <div class="tw-ranges__choices">
        {RANGES.map((range) => (
          <label class="tw-range" key={range.key}>
            <input type="radio" name="range" value={range.key} checked={range.key === chosen.key} onChange={() => onChoose(range)} />
            <span>{range.words}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

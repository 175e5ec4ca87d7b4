/** A rate ratio with its interval, drawn. On a logarithmic axis: half as often and twice as often are equally far from 1. */
import type { Estimate } from "../api/types.ts";
import { onRatioAxis, RATIO_TICKS, ratioInWords } from "../format/outcomes.ts";

const WIDTH = 320;
const MARGIN = 12;
const ROW = 24;

export function RatioDrawing({ ratio, of }: { ratio: Estimate; of: string }) {
  if (ratio.value === null) return null;
  const x = (value: number): number => MARGIN + onRatioAxis(value) * (WIDTH - 2 * MARGIN);
  const low = ratio.low === null ? MARGIN : x(ratio.low);
  const high = ratio.high === null ? WIDTH - MARGIN : x(ratio.high);
  return (
    <svg class="tw-ratio" viewBox={`0 0 ${WIDTH} 56`} role="img" aria-label={`${of}: rate ratio ${ratioInWords(ratio)}. 1 means no change.`}>
      <line x1={MARGIN} x2={WIDTH - MARGIN} y1="38" y2="38" class="tw-ratio__axis" />
      {RATIO_TICKS.map((tick) => (
        <g key={tick.at}>
          <line x1={x(tick.at)} x2={x(tick.at)} y1={tick.at === 1 ? 6 : 35} y2="41" class={tick.at === 1 ? "tw-ratio__one" : "tw-ratio__axis"} />
          <text x={x(tick.at)} y="54" class="tw-ratio__tick">
            {tick.words}
          </text>
        </g>
      ))}
      <line x1={low} x2={high} y1={ROW - 4} y2={ROW - 4} class="tw-ratio__interval" />
      {ratio.low !== null && <line x1={low} x2={low} y1={ROW - 10} y2={ROW + 2} class="tw-ratio__interval" />}
      {ratio.high !== null && <line x1={high} x2={high} y1={ROW - 10} y2={ROW + 2} class="tw-ratio__interval" />}
      <rect x={x(ratio.value) - 5} y={ROW - 9} width="10" height="10" class="tw-ratio__value" />
    </svg>
  );
}

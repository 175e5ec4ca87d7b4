/**
 * A rate ratio with its interval, drawn. On a logarithmic axis: half as often and twice as often are equally far from 1.
 * Along the axis it is as wide as its place, by percentages; a drawing that is scaled as a whole scales its words with it,
 * to 8 pixels on a phone.
 */
import type { Estimate } from "../api/types.ts";
import { onRatioAxis, RATIO_TICKS, ratioInWords } from "../format/outcomes.ts";

/** Per cent of the width at either end, so that the outermost words are not cut off. */
const MARGIN = 4;
/** Pixels from the top. */
const INTERVAL_AT = 20;
const AXIS_AT = 38;

export function RatioDrawing({ ratio, of }: { ratio: Estimate; of: string }) {
  if (ratio.value === null) return null;
  const low = ratio.low === null ? percent(0) : along(ratio.low);
  const high = ratio.high === null ? percent(1) : along(ratio.high);
  return (
    <svg class="tw-ratio" role="img" aria-label={`${of}: rate ratio ${ratioInWords(ratio)}. 1 means no change.`}>
      <line x1={percent(0)} x2={percent(1)} y1={AXIS_AT} y2={AXIS_AT} class="tw-ratio__axis" />
      {RATIO_TICKS.map((tick) => (
        <g key={tick.at}>
          <line x1={along(tick.at)} x2={along(tick.at)} y1={tick.at === 1 ? 6 : 35} y2="41" class={tick.at === 1 ? "tw-ratio__one" : "tw-ratio__axis"} />
          <text x={along(tick.at)} y="56" class="tw-ratio__tick">
            {tick.words}
          </text>
        </g>
      ))}
      <line x1={low} x2={high} y1={INTERVAL_AT} y2={INTERVAL_AT} class="tw-ratio__interval" />
      {ratio.low !== null && <line x1={low} x2={low} y1={INTERVAL_AT - 6} y2={INTERVAL_AT + 6} class="tw-ratio__interval" />}
      {ratio.high !== null && <line x1={high} x2={high} y1={INTERVAL_AT - 6} y2={INTERVAL_AT + 6} class="tw-ratio__interval" />}
      <rect x={along(ratio.value)} y={INTERVAL_AT - 5} width="10" height="10" transform="translate(-5)" class="tw-ratio__value" />
    </svg>
  );
}

function along(ratio: number): string {
  return percent(onRatioAxis(ratio));
}

/** A place on the axis, from 0 to 1, within the margins. */
function percent(place: number): string {
  return `${MARGIN + place * (100 - 2 * MARGIN)}%`;
}

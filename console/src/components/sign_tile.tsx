/**
 * One sign's latest reading: value, unit, age, and "Stale" in words and by shape when it may not be taken for current. A sign
 * whose reading was withdrawn shows no value until the next one is known.
 */
import { memo } from "preact/compat";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Latest } from "../api/types.ts";
import { inChartOrder, signWords, unitInWords, valueInWords } from "../format/signs.ts";
import { useVitalSign } from "../catalogue.ts";
import type { Signs } from "../live/latest.ts";
import { isStale } from "../live/staleness.ts";
import { useSecond } from "../live/ticking.ts";
import { Age } from "./age.tsx";
import { useLiveFacts } from "./live_context.ts";

/** As long as the flash in _signs.scss. */
const FLASH_MS = 1200;

/** The latest of each sign that was ever read, in the order of an observation chart. */
export function SignTiles({ signs, large = false }: { signs: Signs; large?: boolean }) {
  return (
    <dl class={large ? "tw-signs tw-signs--large" : "tw-signs"}>
      {inChartOrder(signs.keys()).map((sign) => {
        const shown = signs.get(sign);
        if (shown === undefined) return null;
        return shown.observation === null ? <UnknownTile key={sign} sign={sign} /> : <SignTile key={sign} sign={sign} latest={shown} />;
      })}
    </dl>
  );
}

const SignTile = memo(function SignTile({ sign, latest }: { sign: string; latest: Latest }) {
  useSecond();
  const live = useLiveFacts();
  const { observation } = latest;
  const flashing = useFlash(observation.id);
  const stale = isStale(latest, live.vouchedFor(), live.now(), useVitalSign(sign)?.stale_after_seconds ?? null);
  const unit = unitInWords(sign, observation.unit);
  const state = `${stale ? "tw-sign--stale" : ""} ${flashing && !stale ? "tw-sign--changed" : ""}`;
  return (
    <div class={`tw-sign ${state}`} data-sign={sign}>
      <dt class="tw-sign__name">{signWords(sign).short}</dt>
      <dd class="tw-sign__body">
        <span class={`tw-sign__value ${observation.code === null ? "" : "tw-sign__value--words"}`}>{valueInWords(observation)}</span>{" "}
        {unit !== "" && <span class="tw-sign__unit">{unit}</span>}
        <span class="tw-sign__foot">
          {stale && <StaleMark />} <Age at={observation.effective_at} />
        </span>
      </dd>
    </div>
  );
});

/** In the place of a reading that was withdrawn: nothing here may be taken for a value. */
function UnknownTile({ sign }: { sign: string }) {
  return (
    <div class="tw-sign tw-sign--unknown" data-sign={sign}>
      <dt class="tw-sign__name">{signWords(sign).short}</dt>
      <dd class="tw-sign__body">
        <span class="tw-sign__value tw-sign__value--words">Not known</span>
        <span class="tw-sign__foot">A reading was withdrawn. Checking…</span>
      </dd>
    </div>
  );
}

function StaleMark() {
  return (
    <span class="tw-stale">
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false">
        <circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="3 2" />
        <path d="M8 4.5V8l2.5 2" fill="none" stroke="currentColor" stroke-width="2" />
      </svg>
      Stale
    </span>
  );
}

/** True for a moment after `key` changes; never on the first showing. */
function useFlash(key: string): boolean {
  const before = useRef(key);
  const [flashing, setFlashing] = useState(false);
  useEffect(() => {
    if (before.current === key) return undefined;
    before.current = key;
    setFlashing(true);
    const timer = setTimeout(() => setFlashing(false), FLASH_MS);
    return () => clearTimeout(timer);
  }, [key]);
  return flashing;
}

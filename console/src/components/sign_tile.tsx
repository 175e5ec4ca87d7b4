/** One sign's latest reading: value, unit, age, and "Stale" in words and by shape when it may not be taken for current. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Latest } from "../api/types.ts";
import { signWords, unitInWords, valueInWords } from "../format/signs.ts";
import { useVitalSign } from "../catalogue.ts";
import { isStale } from "../live/staleness.ts";
import { useSecond } from "../live/ticking.ts";
import { Age } from "./age.tsx";
import { useLiveFacts } from "./live_context.ts";

/** As long as the flash in _signs.scss. */
const FLASH_MS = 1200;

interface Props {
  sign: string;
  latest: Latest | undefined;
}

export function SignTile({ sign, latest }: Props) {
  const words = signWords(sign);
  if (latest === undefined) {
    return (
      <div class="tw-sign tw-sign--none">
        <dt class="tw-sign__name">{words.short}</dt>
        <dd class="tw-sign__body">No reading</dd>
      </div>
    );
  }
  return <ReadTile sign={sign} latest={latest} name={words.short} />;
}

function ReadTile({ sign, latest, name }: { sign: string; latest: Latest; name: string }) {
  useSecond();
  const live = useLiveFacts();
  const { observation } = latest;
  const flashing = useFlash(observation.id);
  const stale = isStale(latest, live.connection, live.now(), useVitalSign(sign)?.stale_after_seconds ?? null);
  const unit = unitInWords(sign, observation.unit);
  const state = `${stale ? "tw-sign--stale" : ""} ${flashing && !stale ? "tw-sign--changed" : ""}`;
  return (
    <div class={`tw-sign ${state}`} data-sign={sign}>
      <dt class="tw-sign__name">{name}</dt>
      <dd class="tw-sign__body">
        <span class={`tw-sign__value ${observation.code === null ? "" : "tw-sign__value--words"}`}>{valueInWords(observation)}</span>{" "}
        {unit !== "" && <span class="tw-sign__unit">{unit}</span>}
        <span class="tw-sign__foot">
          {stale && <StaleMark />} <Age at={observation.effective_at} />
        </span>
      </dd>
    </div>
  );
}

export function StaleMark() {
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

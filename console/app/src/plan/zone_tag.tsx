/** A zone's name with a shape of its own: colour is never all that tells it. */
import { useWords } from "../words/use_words.ts";
import type { Colour } from "./zone_now.ts";

/** A circle, a triangle, a stop sign; not known is a broken ring. */
const SHAPES: Readonly<Record<Colour | "unknown", string>> = {
  green: "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20Z",
  amber: "M12 2 23 22H1Z",
  red: "M8 1h8l7 7v8l-7 7H8l-7-7V8Z",
  unknown: "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18Z",
};

export function ZoneTag({ colour }: { colour: Colour | null }) {
  const { say } = useWords();
  const kind = colour ?? "unknown";
  return (
    <span class="ta-zone-tag" data-zone={kind}>
      <svg class={`ta-zone-tag__shape ta-zone-tag__shape--${kind}`} viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
        <path d={SHAPES[kind]} />
      </svg>
      <strong>{say(`zone.${kind}`)}</strong>
    </span>
  );
}

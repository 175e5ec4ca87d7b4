/** The age of a reading in words, counted on by the server's clock. Not announced: a screen reader would never rest. */
import { ageInWords, dateAndSecond } from "../format/times.ts";
import { useSecond } from "../live/ticking.ts";
import { useLiveFacts } from "./live_context.ts";

export function Age({ at }: { at: string }) {
  useSecond();
  const { now } = useLiveFacts();
  return (
    <time class="tw-age" dateTime={at} title={dateAndSecond(at)}>
      {ageInWords((now() - Date.parse(at)) / 1000)}
    </time>
  );
}

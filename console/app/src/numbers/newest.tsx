/** The newest reading of each sign, with its age; what is old never looks as if it were of now. */
import { heldReadings, newestOfEach, type HeldReading } from "../readings/held.ts";
import { isStale, valueOf } from "../readings/show.ts";
import { NotSent } from "../pieces/panels.tsx";
import { inOrder } from "../reference/signs.ts";
import { To } from "../router/to.tsx";
import type { Copy } from "../store/copy.ts";
import { useUnsent } from "../store/hooks.ts";
import { useWords } from "../words/use_words.ts";

interface Props {
  copy: Copy;
  /** As many as are shown; all without it. */
  most?: number;
  now: number;
}

export function NewestReadings({ copy, most, now }: Props) {
  const { say } = useWords();
  const newest = newestOfEach(heldReadings(copy.observations, useUnsent()));
  const signs = inOrder(newest.keys()).slice(0, most);
  if (signs.length === 0) return <p>{say("numbers.none")}</p>;
  return (
    <ul class="ta-tiles">
      {signs.map((sign) => {
        const reading = newest.get(sign);
        return reading === undefined ? null : <Tile key={sign} reading={reading} now={now} />;
      })}
    </ul>
  );
}

function Tile({ reading, now }: { reading: HeldReading; now: number }) {
  const words = useWords();
  const { say } = words;
  const old = isStale(reading.sign, reading.at, now);
  return (
    <li class={`ta-tile ${old ? "ta-tile--old" : ""}`} data-sign={reading.sign} data-old={old}>
      <To page="numbers" rest={[reading.sign]} class="ta-tile__name">
        {words.named("sign", reading.sign)}
      </To>
      <p class="ta-value">{valueOf(reading, words)}</p>
      <p class="ta-when">
        <time dateTime={reading.at}>{words.ago(reading.at, now)}</time> {reading.stands === null && <NotSent />}
      </p>
      {old && (
        <p class="ta-old">
          <strong class="nhsuk-tag nhsuk-tag--grey">{say("numbers.old")}</strong> {say("numbers.old_words")}
        </p>
      )}
    </li>
  );
}

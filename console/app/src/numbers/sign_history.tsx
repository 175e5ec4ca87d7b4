/** All readings of one sign: a picture of them, and the same as a table. */
import { useState } from "preact/hooks";
import { Radios } from "../pieces/fields.tsx";
import { NotSent } from "../pieces/panels.tsx";
import { useNow } from "../pieces/use_now.ts";
import { TakeBack, TakenBack, WaitsToBeTakenBack, type Naming } from "../pieces/take_back.tsx";
import { withOffsetOf } from "../days/instants.ts";
import { heldReadings, type HeldReading } from "../readings/held.ts";
import { isStale, numberOf, valueOf } from "../readings/show.ts";
import { useRouter } from "../router/context.ts";
import { To } from "../router/to.tsx";
import { usePerson } from "../services.ts";
import type { Copy } from "../store/copy.ts";
import { takesBack, type Retraction, type StatedBest } from "../store/things.ts";
import { useKept, useUnsent } from "../store/hooks.ts";
import { inCopy } from "../store/taken_back.ts";
import { useWords } from "../words/use_words.ts";
import { drawingOf, HEIGHT, pathOf, WIDTH, type Point } from "./drawing.ts";

const SPANS = ["7", "30", "90"] as const;
const PEAK_FLOW = "peak_expiratory_flow";
const DAY_MS = 86_400_000;
const PAGE = 30;

export function SignHistory({ copy, sign }: { copy: Copy; sign: string }) {
  const words = useWords();
  const { say } = words;
  const now = useNow();
  const [span, setSpan] = useState<string>("30");
  const [shown, setShown] = useState(PAGE);
  const [taken, setTaken] = useState<string | null>(null);
  const from = now - Number(span) * DAY_MS;
  const all = heldReadings(copy.observations, useUnsent()).filter((one) => one.sign === sign);
  const within = all.filter(({ at }) => Date.parse(at) >= from);
  const [newest] = all;
  return (
    <>
      <TakenBack said={taken} />
      <Waits sign={sign} />
      {newest === undefined ? <p>{say("back.nothing")}</p> : <Newest reading={newest} now={now} />}
      {sign === PEAK_FLOW && <OwnBest copy={copy} />}
      <Radios id="span" label={say("numbers.span")} inline value={span} onValue={setSpan} choices={SPANS.map((value) => ({ value, words: say(`numbers.span.${value}`) }))} />
      <Chart sign={sign} readings={within} from={from} until={now} days={Number(span)} />
      <Table sign={sign} readings={within.slice(0, shown)} onTaken={setTaken} />
      {within.length > shown && (
        <button type="button" class="nhsuk-button nhsuk-button--secondary ta-wide" onClick={() => setShown(shown + PAGE)}>
          {say("common.more")}
        </button>
      )}
      <p>
        <To page="record" rest={[sign]} class="nhsuk-button ta-wide">
          {say("today.record")}
        </To>
      </p>
    </>
  );
}

/** The best peak flow that was stated last. What the readings of a year show is worked out by the API alone. */
function OwnBest({ copy }: { copy: Copy }) {
  const words = useWords();
  const best = [...copy.bests.values()].reduce<StatedBest | null>((last, one) => (last === null || one.stated_at > last.stated_at ? one : last), null);
  if (best === null) return null;
  return <p data-best>{words.say("numbers.best", { value: valueOf({ sign: PEAK_FLOW, value: best.value, unit: "L/min" }, words), date: words.date(best.stated_at) })}</p>;
}

interface ChartProps {
  sign: string;
  readings: readonly HeldReading[];
  from: number;
  until: number;
  days: number;
}

/** A picture only: the table says the same. The second line is dashed, so that no colour is needed to tell them apart. */
function Chart({ sign, readings, from, until, days }: ChartProps) {
  const words = useWords();
  const { say } = words;
  const lineOf = (part: "value" | "systolic" | "diastolic"): Point[] =>
    readings.flatMap((one) => {
      const value = one[part];
      return value === null || value === undefined ? [] : [{ at: Date.parse(one.at), value }];
    });
  const lines = [lineOf("value"), lineOf("systolic"), lineOf("diastolic")].filter((line) => line.length > 0);
  const drawing = drawingOf(lines, from, until);
  if (drawing === null) return <p>{say("numbers.chart_none")}</p>;
  return (
    <figure class="ta-chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={say("numbers.chart", { sign: words.named("sign", sign), count: days })}>
        <rect x="0" y="0" width={WIDTH} height={HEIGHT} class="ta-chart__ground" />
        {drawing.lines.map((points, line) => (
          <g key={line} class={line === 0 ? "ta-chart__first" : "ta-chart__second"}>
            <path d={pathOf(points)} />
            {points.map(({ x, y }) => (
              <circle key={`${x} ${y}`} cx={x} cy={y} r="3" />
            ))}
          </g>
        ))}
      </svg>
      <figcaption class="ta-note">
        {words.date(from)} – {words.date(until)}.
        {drawing.spans.map(({ low, high }, line) => (
          <span key={line} class="ta-chart__span">
            {drawing.spans.length > 1 && `${words.named("part", line === 0 ? "systolic" : "diastolic")}: `}
            {say("numbers.scale", { low: numberOf(sign, low, words), high: numberOf(sign, high, words) })}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function Newest({ reading, now }: { reading: HeldReading; now: number }) {
  const words = useWords();
  const { say } = words;
  return (
    <p data-newest>
      <span class="ta-value">{valueOf(reading, words)}</span> <span class="ta-when">{words.lately(reading.at, now)}</span>
      {isStale(reading.sign, reading.at, now) && (
        <span class="ta-old">
          {" "}
          <strong class="nhsuk-tag nhsuk-tag--grey">{say("numbers.old")}</strong> {say("numbers.old_words")}
        </span>
      )}
    </p>
  );
}

/** What was taken back of this sign and is not sent. */
function Waits({ sign }: { sign: string }) {
  const { copy, unsent } = useKept();
  const isOfIt = (retraction: Retraction): boolean => {
    const waiting = unsent.some((one) => one.kind === "reading" && one.body.sign === sign && takesBack(retraction, one));
    return waiting || (copy !== undefined && inCopy(retraction, "reading", copy)?.sign === sign);
  };
  return <WaitsToBeTakenBack of="reading" isMeant={isOfIt} />;
}

function Table({ sign, readings, onTaken }: { sign: string; readings: readonly HeldReading[]; onTaken: (said: string) => void }) {
  const words = useWords();
  const { say } = words;
  if (readings.length === 0) return null;
  return (
    <table class="nhsuk-table ta-table">
      <caption class="nhsuk-table__caption nhsuk-table__caption--s">{say("numbers.table", { sign: words.named("sign", sign) })}</caption>
      <thead>
        <tr>
          <th scope="col">{say("numbers.when")}</th>
          <th scope="col">{say("numbers.reading")}</th>
        </tr>
      </thead>
      <tbody>
        {readings.map((reading) => (
          <tr key={reading.id}>
            <td>{words.dateTime(reading.at)}</td>
            <td>
              <strong>{valueOf(reading, words)}</strong> {reading.stands === null && <NotSent />}
              <Notes reading={reading} />
              <ReadingBack reading={reading} onTaken={onTaken} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** To take one's own back, or to record it as it should be. */
function ReadingBack({ reading, onTaken }: { reading: HeldReading; onTaken: (said: string) => void }) {
  const words = useWords();
  const router = useRouter();
  const person = usePerson();
  const { stands, sign, at, id } = reading;
  if (stands !== null && stands.recorded_by !== person?.id) return null;
  const named: Naming = stands === null ? { client_id: reading.clientId } : { id: stands.id };
  const about = `${valueOf(reading, words)}, ${words.dateTime(at)}`;
  const correct = (): void => router.go("record", [sign, withOffsetOf(Date.parse(at), words.timeZone).slice(0, "2026-11-24T08:10:00".length)]);
  return <TakeBack id={`back-${id}`} of="reading" named={named} about={about} onTaken={onTaken} onCorrect={correct} />;
}

function Notes({ reading: { stands, sign } }: { reading: HeldReading }) {
  const words = useWords();
  const { say } = words;
  if (stands === null) return null;
  const notes = [
    stands.original === null ? "" : say("numbers.original", { value: valueOf({ sign, value: stands.original.value, unit: stands.original.unit }, words) }),
    stands.status === "corrected" ? say("numbers.corrected") : "",
    stands.confirmed ? say("numbers.confirmed") : "",
  ].filter((note) => note !== "");
  return notes.length === 0 ? null : <span class="ta-note"> {notes.join(", ")}</span>;
}

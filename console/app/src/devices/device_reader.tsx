/** Reading a device over Bluetooth, where the browser has it: look for it, listen, look through what it told, keep what is right. */
import { useEffect, useRef, useState } from "preact/hooks";
import { newClientId } from "#console/api/client_id.ts";
import { collect, sourceOf, type Outcome } from "#console/bluetooth/collecting.ts";
import { browserOffsetAt } from "#console/bluetooth/device_time.ts";
import { browserBluetooth } from "#console/bluetooth/gatt.ts";
import { PROFILES, type DeviceKind } from "#console/bluetooth/profiles.ts";
import { useFocusOnShow } from "#console/components/use_focus_on_show.ts";
import { Input, Radios } from "../pieces/fields.tsx";
import { DonePanel, WhereToTurn } from "../pieces/panels.tsx";
import { valueOf } from "../readings/show.ts";
import { To } from "../router/to.tsx";
import { useCopy, useDoing, useUnsent } from "../store/hooks.ts";
import { useWords } from "../words/use_words.ts";
import { atTime, foundOf, toKeep, type Found } from "./heard.ts";

const KINDS = Object.keys(PROFILES) as DeviceKind[];

type Stage = { at: "choose" } | { at: "listening" } | { at: "told"; outcome: Outcome } | { at: "kept"; count: number };

export function DeviceReader() {
  const { say } = useWords();
  const bluetooth = browserBluetooth();
  const [kind, setKind] = useState<DeviceKind>("blood_pressure");
  const [stage, setStage] = useState<Stage>({ at: "choose" });
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  if (bluetooth === null) return <p class="nhsuk-inset-text">{say("device.none")}</p>;
  const start = async (): Promise<void> => {
    stop.current = new AbortController();
    setStage({ at: "listening" });
    const after = (ms: number, act: () => void): (() => void) => {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    };
    const around = { bluetooth, now: () => Date.now(), after, offsetAt: browserOffsetAt };
    const outcome = await collect(kind, around, undefined, stop.current.signal);
    setStage({ at: "told", outcome });
  };
  if (stage.at === "listening") return <Listening onStop={() => stop.current?.abort()} />;
  if (stage.at === "told") return <ToldByDevice outcome={stage.outcome} onKept={(count) => setStage({ at: "kept", count })} again={() => setStage({ at: "choose" })} />;
  if (stage.at === "kept") return <Kept count={stage.count} />;
  const choices = KINDS.map((value) => ({ value: value as string, words: say(`device.${value}`) }));
  return (
    <>
      <Radios id="device" label={say("device.which")} value={kind} onValue={(value) => setKind(value as DeviceKind)} choices={choices} />
      <p>{say("device.how")}</p>
      <button type="button" class="nhsuk-button ta-wide" onClick={() => void start()}>
        {say("device.start")}
      </button>
    </>
  );
}

function Kept({ count }: { count: number }) {
  const { say } = useWords();
  return (
    <DonePanel title={say("record.recorded")}>
      <p>{say("device.kept", { count })}</p>
      <p>{say("record.nobody_told")}</p>
      <To page="numbers" class="nhsuk-button nhsuk-button--secondary ta-wide">
        {say("record.see")}
      </To>
      <WhereToTurn />
    </DonePanel>
  );
}

function Listening({ onStop }: { onStop: () => void }) {
  const { say } = useWords();
  return (
    <>
      <p role="status" class="ta-told">
        {say("device.listening")}
      </p>
      <button type="button" class="nhsuk-button nhsuk-button--secondary ta-wide" onClick={onStop}>
        {say("device.stop")}
      </button>
    </>
  );
}

interface ToldProps {
  outcome: Outcome;
  onKept: (count: number) => void;
  again: () => void;
}

/** What was found, what of it was chosen, at which times, and keeping that. */
function useChoosing(outcome: Outcome, onKept: (count: number) => void) {
  const words = useWords();
  const copy = useCopy();
  const unsent = useUnsent();
  const { keep } = useDoing();
  const [now] = useState(() => Date.now());
  const found = foundOf(outcome, { words, now, observations: copy?.observations.values() ?? [], unsent });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [times, setTimes] = useState<ReadonlyMap<string, string>>(new Map());
  const [isEmpty, setIsEmpty] = useState(false);
  const source = found.find(({ noTime }) => noTime === null)?.readings[0]?.source ?? sourceOf({ id: "", name: outcome.device ?? "device" });
  const readingsFor = (one: Found) => (one.noTime === null ? one.readings : atTime(one, times.get(one.id) ?? "", source, { words, now: Date.now() }));
  const save = async (): Promise<void> => {
    const wanted = found.filter(({ id }) => chosen.has(id)).map((one) => ({ one, readings: readingsFor(one) })).filter(({ readings }) => readings.length > 0);
    setIsEmpty(wanted.length === 0);
    if (wanted.length === 0) return;
    for (const { one, readings } of wanted) for (const body of toKeep(readings, one.unusual.length > 0, newClientId)) await keep({ kind: "reading", body });
    onKept(wanted.length);
  };
  const choose = (id: string, isChosen: boolean): void => setChosen(new Set(isChosen ? [...chosen, id] : [...chosen].filter((one) => one !== id)));
  const setTime = (id: string, value: string): void => {
    setTimes(new Map([...times, [id, value]]));
    choose(id, value !== "");
  };
  return { found, chosen, times, isEmpty, choose, setTime, save };
}

function ToldByDevice({ outcome, onKept, again }: ToldProps) {
  const { say } = useWords();
  const heading = useFocusOnShow();
  const { found, chosen, times, isEmpty, choose, setTime, save } = useChoosing(outcome, onKept);
  const keepable = found.filter(({ refused, isKnown }) => refused === null && !isKnown);
  return (
    <>
      <h2 class="nhsuk-heading-m" tabIndex={-1} ref={heading}>
        {say("device.found", { count: found.length, device: outcome.device ?? say("device.unnamed") })}
      </h2>
      <p>{say(`device.ending.${outcome.ending}`)}</p>
      {found.length > 0 && <p>{say("device.nothing_kept")}</p>}
      <ul class="ta-cards">
        {found.map((one) => (
          <FoundCard key={one.id} found={one} isChosen={chosen.has(one.id)} onChoose={(is) => choose(one.id, is)} time={times.get(one.id) ?? ""} onTime={(value) => setTime(one.id, value)} />
        ))}
      </ul>
      {outcome.unread.length > 0 && <p>{say("device.unread", { count: outcome.unread.length })}</p>}
      {isEmpty && (
        <p class="nhsuk-error-message" role="alert">
          {say("device.choose_one")}
        </p>
      )}
      <div class="ta-buttons">
        {keepable.length > 0 && (
          <button type="button" class="nhsuk-button ta-wide" onClick={() => void save()}>
            {say("device.keep")}
          </button>
        )}
        <button type="button" class="nhsuk-button nhsuk-button--secondary ta-wide" onClick={again}>
          {say("common.back")}
        </button>
      </div>
    </>
  );
}

interface CardProps {
  found: Found;
  isChosen: boolean;
  onChoose: (is: boolean) => void;
  time: string;
  onTime: (value: string) => void;
}

function FoundCard({ found, isChosen, onChoose, time, onTime }: CardProps) {
  const words = useWords();
  const { say } = words;
  const { readings, refused, isKnown, noTime, unusual, isOld, heard } = found;
  const [first] = readings;
  const said = readings.map((one) => say("record.is", { sign: words.named("sign", one.sign), value: valueOf(one, words) }));
  const id = `found-${found.id}`;
  return (
    <li class="ta-card">
      {said.map((sentence) => (
        <p key={sentence} class="ta-value">
          {sentence}
        </p>
      ))}
      {first !== undefined && noTime === null && <p>{words.dateTime(first.effective_at)}</p>}
      {heard.taken.at !== null && heard.taken.by === "hearing" && <p>{say("device.by_hearing")}</p>}
      {isOld && first !== undefined && <p>{say("device.old_clock", { when: words.date(first.effective_at) })}</p>}
      {unusual.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {unusual.length > 0 && <p>{say("device.unusual")}</p>}
      {refused !== null && <p>{say("device.refused", { why: whyOf(refused, words) })}</p>}
      {isKnown && <p>{say("device.known")}</p>}
      {noTime !== null && (
        <>
          <p>{say(`device.${noTime}`)}</p>
          <Input id={`${id}-at`} type="datetime-local" width="20" label={say("device.when_was_it")} value={time} onValue={onTime} />
        </>
      )}
      {refused === null && !isKnown && noTime === null && <KeepThis id={id} said={said.join(", ")} isChosen={isChosen} onChoose={onChoose} />}
    </li>
  );
}

function KeepThis({ id, said, isChosen, onChoose }: Pick<CardProps, "isChosen" | "onChoose"> & { id: string; said: string }) {
  const { say } = useWords();
  return (
    <div class="nhsuk-checkboxes">
      <div class="nhsuk-checkboxes__item">
        <input class="nhsuk-checkboxes__input" id={id} type="checkbox" checked={isChosen} onChange={(event) => onChoose(event.currentTarget.checked)} />
        <label class="nhsuk-label nhsuk-checkboxes__label" for={id}>
          {say("device.keep_one")}
          <span class="nhsuk-u-visually-hidden"> {said}</span>
        </label>
      </div>
    </div>
  );
}

/** A reason of the decoder's by its words; a sentence about limits as it is. */
function whyOf(refused: string, words: ReturnType<typeof useWords>): string {
  if (refused.includes(" ")) return refused;
  if (refused === "measurement_failed" || refused === "control_solution" || refused === "no_number") return words.say(`device.why.${refused}`);
  return words.say("device.why.other");
}

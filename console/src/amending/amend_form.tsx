/** The form of that dialogue: what is wrong, what it should be, and why. Asked once more when the new value is unusual. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import type { Observation, VitalSign } from "../api/types.ts";
import { RadiosField } from "../components/choice_fields.tsx";
import { ErrorSummary, errorOf, type FieldError } from "../components/error_summary.tsx";
import { SelectField, TextField } from "../components/fields.tsx";
import { dateAndSecond } from "../format/times.ts";
import { Confirm } from "../recording/confirm.tsx";
import { toSend, type Draft } from "../recording/draft.ts";
import { ValueFields, WhenFields } from "../recording/fields.tsx";
import type { Attempt, Sent } from "../recording/sending.ts";
import { UnitTaken } from "../recording/unit_taken.tsx";
import { useEntry, type EntryInHand } from "../recording/use_entry.ts";
import { inWords } from "../recording/words.ts";
import { useApi } from "../services.ts";
import {
  amendmentFaults,
  draftOf,
  IN_OWN_WORDS,
  isMoved,
  LONGEST_REASON,
  NO_REASON,
  readingInWords,
  reasonOf,
  WHYS,
  type Amendable,
  type Deed,
  type Reason,
} from "./amendment.ts";
import { sendCorrection, sendRetraction, type Amended } from "./sending.ts";

interface Props {
  patientId: string;
  reading: Amendable;
  /** Of what was read; null for what the reader recorded a moment ago. */
  tag: string | null;
  sign: VitalSign;
  own: boolean;
  onDone: (stands: Observation) => void;
  onOld: () => void;
  onLeave: () => void;
}

export function AmendForm(props: Props) {
  const { reading, sign, own, onLeave } = props;
  const { form, deed, choose, reason, setReason } = useAmendment(props);
  const { entry } = form;
  const asRecorded = dateAndSecond(reading.effective_at);
  if (entry.stage.at === "confirm") {
    const { draft, stage } = entry;
    const question = { draft, sign, words: inWords(draft, sign, asRecorded), hint: stage.hint, own, busy: form.busy };
    return <Confirm {...question} onTake={form.take} onYes={() => form.send(true)} onNo={form.reopen} />;
  }
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    form.send(false);
  };
  return (
    <form onSubmit={submit} noValidate>
      <ErrorSummary errors={entry.errors} reference={entry.reference} />
      <UnitTaken entry={entry} />
      <p class="tw-said">{readingInWords(reading)}</p>
      <DeedChoice deed={deed} onDeed={choose} errors={entry.errors} />
      {deed === "correct" && <NewFields form={form} sign={sign} reading={reading} asRecorded={asRecorded} />}
      {deed !== "" && <WhyFields reason={reason} onReason={setReason} errors={entry.errors} />}
      {deed !== "" && <Consequence deed={deed} own={own} />}
      <Buttons deed={deed} busy={form.busy} onLeave={onLeave} />
    </form>
  );
}

/** What was chosen and typed, and how it is sent: a correction as the reading it should have been, at its own time. */
function useAmendment({ patientId, reading, tag, sign, onDone, onOld }: Props) {
  const api = useApi();
  const [deed, setDeed] = useState<Deed | "">("");
  const [reason, setReason] = useState<Reason>(NO_REASON);
  const before = draftOf(reading, sign);
  const which = { patientId, id: reading.id, tag };
  const deliver = async (_: VitalSign, { draft, clientId }: Attempt, confirmed: boolean): Promise<Sent> => {
    const correct = (): Promise<Amended> => {
      const timed: Draft = isMoved(draft, before) ? draft : { ...draft, when: "now" };
      return sendCorrection(api, which, toSend(timed, sign, clientId, reading.effective_at, confirmed), reasonOf(reason), draft, sign);
    };
    const done = deed === "retract" ? await sendRetraction(api, which, reasonOf(reason)) : await correct();
    if ("stands" in done) {
      onDone(done.stands);
      return { result: "recorded", stands: null };
    }
    if (done.isOld) onOld();
    return done.sent;
  };
  const form = useEntry({ begin: before, faultsOf: (draft) => amendmentFaults(deed, draft, before, sign, reason), deliver });
  const choose = (chosen: Deed): void => {
    setDeed(chosen);
    form.unsay();
  };
  return { form, deed, choose, reason, setReason };
}

interface DeedProps {
  deed: Deed | "";
  onDeed: (deed: Deed) => void;
  errors: readonly FieldError[];
}

function DeedChoice({ deed, onDeed, errors }: DeedProps) {
  return (
    <RadiosField
      id="deed"
      legend="What is wrong with it?"
      value={deed}
      onValue={onDeed}
      choices={[
        { value: "correct", words: "Something in it is wrong", hint: "You say what it should be." },
        { value: "retract", words: "It should not be here at all", hint: "It is taken back, and counts no longer." },
      ]}
      error={errorOf(errors, "deed")}
    />
  );
}

interface NewProps {
  form: EntryInHand;
  sign: VitalSign;
  reading: Amendable;
  asRecorded: string;
}

function NewFields({ form: { entry, change, take }, sign, reading, asRecorded }: NewProps) {
  const { draft, errors, offer } = entry;
  return (
    <>
      {reading.comparator !== null && (
        <SelectField
          id="comparator"
          label="The meter showed"
          value={draft.comparator}
          onValue={(comparator) => change({ comparator: comparator as typeof draft.comparator })}
          choices={[
            { value: "", words: "a number" },
            { value: "<", words: "below a number" },
            { value: ">", words: "above a number" },
          ]}
        />
      )}
      <ValueFields draft={draft} sign={sign} errors={errors} offer={offer} onChange={change} onTake={take} />
      <WhenFields draft={draft} errors={errors} onChange={change} words={{ now: `As recorded: ${asRecorded}`, earlier: "At another time" }} />
    </>
  );
}

interface WhyProps {
  reason: Reason;
  onReason: (reason: Reason) => void;
  errors: readonly FieldError[];
}

function WhyFields({ reason, onReason, errors }: WhyProps) {
  const choices = [{ value: "", words: "Choose" }, ...WHYS.map((why) => ({ value: why, words: why })), { value: IN_OWN_WORDS, words: "Something else" }];
  return (
    <>
      <SelectField id="why" label="Why?" value={reason.why} onValue={(why) => onReason({ ...reason, why })} choices={choices} error={errorOf(errors, "why")} />
      {reason.why === IN_OWN_WORDS && (
        <TextField
          id="why-words"
          label="In your own words"
          hint="In one line. It stands beside the reading for whoever sees it: write no names."
          autocomplete="off"
          maxLength={LONGEST_REASON}
          value={reason.words}
          onValue={(words) => onReason({ ...reason, words })}
          error={errorOf(errors, "why-words")}
        />
      )}
    </>
  );
}

/** What will happen, plainly. */
function Consequence({ deed, own }: { deed: Deed; own: boolean }) {
  const whose = own ? "your care team" : "everybody who sees the record";
  return deed === "correct" ? (
    <p>What you enter takes its place at once, for {whose} too. The reading as it is now stays in the list, crossed out.</p>
  ) : (
    <p>It is shown and counted no more, for {whose} too. It stays in the list, crossed out with your reason, and cannot be brought back.</p>
  );
}

function Buttons({ deed, busy, onLeave }: { deed: Deed | ""; busy: boolean; onLeave: () => void }) {
  const words = deed === "retract" ? "Take it back" : "Put it right";
  return (
    <div class="tw-buttons">
      <button class={`nhsuk-button ${deed === "retract" ? "nhsuk-button--warning" : ""}`} type="submit" aria-disabled={busy}>
        {busy ? "One moment…" : words}
      </button>
      <button class="nhsuk-button nhsuk-button--secondary" type="button" onClick={onLeave}>
        Cancel
      </button>
    </div>
  );
}

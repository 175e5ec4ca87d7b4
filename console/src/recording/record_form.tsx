/** Record a reading: choose, type, send; asked again when it is unusual; told, by field, when it is refused. */
import type { ComponentChildren, TargetedSubmitEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { VitalSign } from "../api/types.ts";
import { useCatalogue } from "../catalogue.ts";
import { ErrorSummary, errorOf, type FieldError } from "../components/error_summary.tsx";
import { SelectField } from "../components/fields.tsx";
import { WhereToTurn } from "../components/where_to_turn.tsx";
import { Loading } from "../components/problem.tsx";
import { acvpuInWords, inChartOrder, signWords } from "../format/signs.ts";
import { dateAndTime } from "../format/times.ts";
import { useApi } from "../services.ts";
import { EMPTY, faultsOf, typedNumber, unitOf, type Draft } from "./draft.ts";
import { TakeUnit, ValueFields, WhenFields } from "./fields.tsx";
import { attemptFor, sendReading, type Attempt } from "./sending.ts";
import { unitName, type Hint, type Offer } from "./units.ts";
import { whyUnusual } from "./unusual.ts";

type Stage = { at: "form" } | { at: "confirm"; hint: Hint | null } | { at: "recorded"; words: string };

interface Props {
  patientId: string;
  /** Whether the reader is the person themself. */
  own: boolean;
  onward: ComponentChildren;
  /** To be told when the API says that there is nobody here to record for. */
  onRefused?: () => void;
}

export function RecordForm({ patientId, own, onward, onRefused }: Props) {
  const api = useApi();
  const catalogue = useCatalogue();
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [stage, setStage] = useState<Stage>({ at: "form" });
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [offer, setOffer] = useState<Offer | null>(null);
  const [reference, setReference] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const attempt = useRef<Attempt | null>(null);
  const [taken, setTaken] = useTaken();
  const sign = catalogue.get(draft.sign);

  const send = async (confirmed: boolean): Promise<void> => {
    if (busy) return;
    const faults = faultsOf(draft, sign);
    setErrors(faults);
    setOffer(null);
    if (sign === undefined || faults.length > 0) return;
    setBusy(true);
    attempt.current = attemptFor(draft, attempt.current);
    const sent = await sendReading(api, patientId, sign, attempt.current, confirmed);
    setBusy(false);
    if (sent.result === "refused" && sent.nobody) onRefused?.();
    setReference(sent.result === "refused" ? sent.reference : null);
    if (sent.result === "recorded") return setStage({ at: "recorded", words: inWords(draft, sign) });
    if (sent.result === "confirm") return setStage({ at: "confirm", hint: sent.hint });
    setStage({ at: "form" });
    setErrors(sent.errors);
    setOffer(sent.hint?.offer ?? null);
  };
  const change = (changed: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...changed }));
    // What was offered was for the unit and the number as they were.
    setOffer(null);
    setTaken(null);
  };
  const take = (taken: Offer): void => {
    change({ unit: taken.ucum });
    setErrors([]);
    setStage({ at: "form" });
    setTaken({ field: sign?.shape === "pair" ? "systolic" : "value", words: taken.words });
  };
  const again = (): void => {
    attempt.current = null;
    setDraft(EMPTY);
    setStage({ at: "form" });
  };

  if (catalogue.size === 0) return <Loading what="the form" />;
  if (stage.at === "recorded") return <Recorded words={stage.words} own={own} again={again} onward={onward} />;
  if (stage.at === "confirm" && sign !== undefined) {
    const question = { words: inWords(draft, sign), why: whyUnusual(draft, sign), hint: stage.hint, own, busy };
    return <Confirm {...question} onTake={take} onYes={() => void send(true)} onNo={() => setStage({ at: "form" })} />;
  }
  return (
    <div class="tw-form">
      <ErrorSummary errors={errors} reference={reference} />
      <p class="nhsuk-u-visually-hidden" role="status">
        {taken !== null && `The unit is now ${taken.words}.`}
      </p>
      <Form draft={draft} sign={sign} errors={errors} offer={offer} busy={busy} onSend={() => void send(false)} onChange={change} onTake={take} />
    </div>
  );
}

interface Taken {
  readonly field: string;
  readonly words: string;
}

/** The button that was pressed is gone then: the focus goes to the number, to be looked at again. */
function useTaken() {
  const [taken, setTaken] = useState<Taken | null>(null);
  useEffect(() => {
    if (taken !== null) document.getElementById(taken.field)?.focus();
  }, [taken]);
  return [taken, setTaken] as const;
}

interface FormProps {
  draft: Draft;
  sign: VitalSign | undefined;
  errors: readonly FieldError[];
  offer: Offer | null;
  busy: boolean;
  onSend: () => void;
  onChange: (change: Partial<Draft>) => void;
  onTake: (offer: Offer) => void;
}

function Form({ draft, sign, errors, offer, busy, onSend, onChange, onTake }: FormProps) {
  const catalogue = useCatalogue();
  const entered = [...catalogue.values()].filter(({ derived }) => !derived).map(({ key }) => key);
  const choices = [{ value: "", words: "Choose" }, ...inChartOrder(entered).map((key) => ({ value: key, words: signWords(key).name }))];
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    onSend();
  };
  return (
    <form onSubmit={submit} noValidate>
      <SelectField
        id="sign"
        label="What was measured?"
        value={draft.sign}
        onValue={(key) => onChange({ sign: key, unit: "", code: "" })}
        choices={choices}
        error={errorOf(errors, "sign")}
      />
      {sign !== undefined && (
        <>
          <ValueFields draft={draft} sign={sign} errors={errors} offer={offer} onChange={onChange} onTake={onTake} />
          <WhenFields draft={draft} errors={errors} onChange={onChange} />
        </>
      )}
      <button class="nhsuk-button" type="submit" aria-disabled={busy}>
        {busy ? "Recording…" : "Record"}
      </button>
    </form>
  );
}

interface ConfirmProps {
  words: string;
  why: readonly string[];
  hint: Hint | null;
  own: boolean;
  busy: boolean;
  onTake: (offer: Offer) => void;
  onYes: () => void;
  onNo: () => void;
}

function Confirm({ words, why, hint, own, busy, onTake, onYes, onNo }: ConfirmProps) {
  const heading = useFocusOnShow();
  return (
    <div class="nhsuk-warning-callout tw-form">
      <h2 class="nhsuk-warning-callout__label" tabIndex={-1} ref={heading}>
        Check this reading
      </h2>
      <p class="tw-said">{words}</p>
      {why.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {hint !== null && <p>{hint.words}</p>}
      {hint !== null && hint.offer !== null && <TakeUnit offer={hint.offer} onTake={onTake} />}
      <p>If you can, measure again before you confirm.</p>
      <WhereToTurn own={own} />
      <div class="nhsuk-button-group">
        <button type="button" class="nhsuk-button" aria-disabled={busy} onClick={onYes}>
          {busy ? "Recording…" : "The reading is right"}
        </button>
        <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={onNo}>
          Change it
        </button>
      </div>
    </div>
  );
}

interface RecordedProps {
  words: string;
  own: boolean;
  again: () => void;
  onward: ComponentChildren;
}

function Recorded({ words, own, again, onward }: RecordedProps) {
  const heading = useFocusOnShow();
  return (
    <div class="nhsuk-notification-banner nhsuk-notification-banner--success tw-form" role="region" aria-labelledby="recorded">
      <div class="nhsuk-notification-banner__header">
        <h2 class="nhsuk-notification-banner__title" id="recorded" tabIndex={-1} ref={heading}>
          Recorded
        </h2>
      </div>
      <div class="nhsuk-notification-banner__content">
        <p class="nhsuk-notification-banner__heading">{words}</p>
        <p>Nobody is told of it: whoever looks at the record sees it.</p>
        {own && <WhereToTurn own />}
        <p>
          <button type="button" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" onClick={again}>
            Record another
          </button>
        </p>
        {onward}
      </div>
    </div>
  );
}

function useFocusOnShow() {
  const element = useRef<HTMLHeadingElement>(null);
  useEffect(() => element.current?.focus(), []);
  return element;
}

/** "Blood pressure 132/78 mmHg, just now". */
function inWords(draft: Draft, sign: VitalSign): string {
  const when = draft.when === "now" ? "just now" : dateAndTime(draft.at);
  const unit = sign.shape === "coded" ? "" : unitName(sign, unitOf(draft, sign));
  const value = {
    coded: acvpuInWords(draft.code),
    pair: `${typedNumber(draft.systolic)}/${typedNumber(draft.diastolic)}`,
    quantity: String(typedNumber(draft.value)),
  }[sign.shape];
  return `${signWords(sign.key).name} ${value} ${unit}`.trim() + `, ${when}`;
}

/** Record a reading: choose, type, send; asked again when it is unusual; told, by field, when it is refused. */
import type { ComponentChildren, TargetedSubmitEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { VitalSign } from "../api/types.ts";
import { useCatalogue } from "../catalogue.ts";
import { ErrorSummary, errorOf, type FieldError } from "../components/error_summary.tsx";
import { SelectField } from "../components/fields.tsx";
import { Loading } from "../components/problem.tsx";
import { acvpuInWords, inChartOrder, signWords, unitInWords } from "../format/signs.ts";
import { dateAndTime } from "../format/times.ts";
import { useApi } from "../services.ts";
import { EMPTY, faultsOf, typedNumber, unitOf, type Draft } from "./draft.ts";
import { ValueFields, WhenFields } from "./fields.tsx";
import { attemptFor, sendReading, type Attempt } from "./sending.ts";

type Stage = { at: "form" } | { at: "confirm"; why: string } | { at: "recorded"; words: string };

export function RecordForm({ patientId, onward }: { patientId: string; onward: ComponentChildren }) {
  const api = useApi();
  const catalogue = useCatalogue();
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [stage, setStage] = useState<Stage>({ at: "form" });
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [reference, setReference] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const attempt = useRef<Attempt | null>(null);
  const sign = catalogue.get(draft.sign);

  const send = async (confirmed: boolean): Promise<void> => {
    if (busy) return;
    const faults = faultsOf(draft, sign);
    setErrors(faults);
    if (sign === undefined || faults.length > 0) return;
    setBusy(true);
    attempt.current = attemptFor(draft, attempt.current);
    const sent = await sendReading(api, patientId, sign, attempt.current, confirmed);
    setBusy(false);
    setReference(sent.result === "refused" ? sent.reference : null);
    if (sent.result === "recorded") return setStage({ at: "recorded", words: inWords(draft, sign) });
    if (sent.result === "confirm") return setStage({ at: "confirm", why: sent.why });
    setStage({ at: "form" });
    setErrors(sent.errors);
  };
  const again = (): void => {
    attempt.current = null;
    setDraft(EMPTY);
    setStage({ at: "form" });
  };

  if (catalogue.size === 0) return <Loading what="the form" />;
  if (stage.at === "recorded") return <Recorded words={stage.words} again={again} onward={onward} />;
  if (stage.at === "confirm" && sign !== undefined) {
    return <Confirm words={inWords(draft, sign)} why={stage.why} busy={busy} onYes={() => void send(true)} onNo={() => setStage({ at: "form" })} />;
  }
  return (
    <div class="tw-form">
      <ErrorSummary errors={errors} reference={reference} />
      <Form draft={draft} sign={sign} errors={errors} busy={busy} onSend={() => void send(false)} onChange={(change) => setDraft({ ...draft, ...change })} />
    </div>
  );
}

interface FormProps {
  draft: Draft;
  sign: VitalSign | undefined;
  errors: readonly FieldError[];
  busy: boolean;
  onSend: () => void;
  onChange: (change: Partial<Draft>) => void;
}

function Form({ draft, sign, errors, busy, onSend, onChange }: FormProps) {
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
          <ValueFields draft={draft} sign={sign} errors={errors} onChange={onChange} />
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
  why: string;
  busy: boolean;
  onYes: () => void;
  onNo: () => void;
}

function Confirm({ words, why, busy, onYes, onNo }: ConfirmProps) {
  const heading = useFocusOnShow();
  return (
    <div class="nhsuk-warning-callout tw-form">
      <h2 class="nhsuk-warning-callout__label" tabIndex={-1} ref={heading}>
        Check this reading
      </h2>
      <p class="tw-said">{words}</p>
      <p>{why}</p>
      <p>If you can, measure again before you confirm.</p>
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

function Recorded({ words, again, onward }: { words: string; again: () => void; onward: ComponentChildren }) {
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
  const unit = sign.shape === "coded" ? "" : unitInWords(sign.key, unitOf(draft, sign));
  const value = {
    coded: acvpuInWords(draft.code),
    pair: `${typedNumber(draft.systolic)}/${typedNumber(draft.diastolic)}`,
    quantity: String(typedNumber(draft.value)),
  }[sign.shape];
  return `${signWords(sign.key).name} ${value} ${unit}`.trim() + `, ${when}`;
}

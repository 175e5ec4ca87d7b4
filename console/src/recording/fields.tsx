/** The controls of the form for a reading: which there are follows from the sign. */
import type { ComponentChildren } from "preact";
import { errorOf, type FieldError } from "../components/error_summary.tsx";
import { SelectField, TextField } from "../components/fields.tsx";
import type { VitalSign } from "../api/types.ts";
import { forDateTimeControl } from "../format/times.ts";
import { acvpuInWords } from "../format/signs.ts";
import { unitOf, type Draft } from "./draft.ts";
import { isCounted, unitChoices, unitName, type Offer } from "./units.ts";

interface Props {
  draft: Draft;
  errors: readonly FieldError[];
  onChange: (change: Partial<Draft>) => void;
}

interface ValueProps extends Props {
  sign: VitalSign;
  /** The unit that the reading was likely measured in, when the API said so. */
  offer: Offer | null;
  onTake: (offer: Offer) => void;
}

export function ValueFields({ draft, errors, onChange, sign, offer, onTake }: ValueProps) {
  const inside = { draft, errors, onChange, sign };
  if (sign.shape === "coded") return <AnswerChoice {...inside} />;
  return (
    <>
      <UnitChoice {...inside} />
      {sign.shape === "pair" ? (
        <div class="tw-pair">
          <NumberField {...inside} id="systolic" label="Systolic (upper)" />
          <NumberField {...inside} id="diastolic" label="Diastolic (lower)" />
        </div>
      ) : (
        <NumberField {...inside} id="value" label="Reading" />
      )}
      {offer !== null && <TakeUnit offer={offer} onTake={onTake} />}
    </>
  );
}

type SignProps = Props & { sign: VitalSign };

/** Nothing where there is no choice. */
function UnitChoice({ draft, errors, onChange, sign }: SignProps) {
  const units = unitChoices(sign);
  if (units.length < 2) return null;
  return (
    <SelectField
      id="unit"
      label="Unit"
      value={unitOf(draft, sign)}
      onValue={(unit) => onChange({ unit })}
      choices={units.map(({ ucum, words }) => ({ value: ucum, words }))}
      error={errorOf(errors, "unit")}
    />
  );
}

interface NumberProps extends SignProps {
  id: "value" | "systolic" | "diastolic";
  label: string;
}

function NumberField({ draft, errors, onChange, sign, id, label }: NumberProps) {
  const unit = unitOf(draft, sign);
  return (
    <TextField
      id={id}
      label={label}
      width="5"
      inputMode={isCounted(sign, unit) ? "numeric" : "decimal"}
      autocomplete="off"
      suffix={unitName(sign, unit) || undefined}
      value={draft[id]}
      onValue={(value) => onChange({ [id]: value })}
      error={errorOf(errors, id)}
    />
  );
}

/** Changes the unit to the one that the number looks like; the number stays as it was typed. */
export function TakeUnit({ offer, onTake }: { offer: Offer; onTake: (offer: Offer) => void }) {
  return (
    <p>
      <button type="button" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small tw-take" onClick={() => onTake(offer)}>
        Change the unit to {offer.words}
      </button>
    </p>
  );
}

function AnswerChoice({ draft, errors, onChange, sign }: SignProps) {
  return (
    <RadioGroup legend="Which describes the person best?" error={errorOf(errors, "code")} name="code">
      {sign.answers.map(({ code }, index) => (
        <Radio
          key={code}
          id={index === 0 ? "code" : `code-${code}`}
          name="code"
          checked={draft.code === code}
          onChoose={() => onChange({ code })}
          words={`${acvpuInWords(code)} (${code})`}
        />
      ))}
    </RadioGroup>
  );
}

interface WhenProps extends Props {
  /** The two answers: the time that goes without saying, and any other. */
  words?: { now: string; earlier: string };
}

export function WhenFields({ draft, errors, onChange, words = { now: "Just now", earlier: "Earlier" } }: WhenProps) {
  const choose = (when: Draft["when"]) => () => onChange({ when, at: draft.at || forDateTimeControl(Date.now()).slice(0, 16) });
  return (
    <>
      <RadioGroup legend="When was it measured?" error={errorOf(errors, "when-now")} name="when">
        <Radio id="when-now" name="when" checked={draft.when === "now"} onChoose={choose("now")} words={words.now} />
        <Radio id="when-earlier" name="when" checked={draft.when === "earlier"} onChoose={choose("earlier")} words={words.earlier} />
      </RadioGroup>
      {draft.when === "earlier" && (
        <TextField
          id="at"
          label="Date and time of the measurement"
          type="datetime-local"
          width="20"
          value={draft.at}
          onValue={(at) => onChange({ at })}
          error={errorOf(errors, "at")}
        />
      )}
    </>
  );
}

interface GroupProps {
  legend: string;
  error: string | null;
  name: string;
  children: ComponentChildren;
}

function RadioGroup({ legend, error, name, children }: GroupProps) {
  return (
    <div class={`nhsuk-form-group ${error ? "nhsuk-form-group--error" : ""}`}>
      <fieldset class="nhsuk-fieldset" aria-describedby={error ? `${name}-group-error` : undefined}>
        <legend class="nhsuk-fieldset__legend">{legend}</legend>
        {error && (
          <span class="nhsuk-error-message" id={`${name}-group-error`}>
            <span class="nhsuk-u-visually-hidden">Error:</span> {error}
          </span>
        )}
        <div class="nhsuk-radios">{children}</div>
      </fieldset>
    </div>
  );
}

interface RadioProps {
  id: string;
  name: string;
  checked: boolean;
  onChoose: () => void;
  words: string;
}

function Radio({ id, name, checked, onChoose, words }: RadioProps) {
  return (
    <div class="nhsuk-radios__item">
      <input class="nhsuk-radios__input" id={id} name={name} type="radio" checked={checked} onChange={onChoose} />
      <label class="nhsuk-label nhsuk-radios__label" for={id}>
        {words}
      </label>
    </div>
  );
}

/** Form fields as the NHS design system marks them up, in the app's own words: label, hint, fault and control tied together. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useWords } from "../words/use_words.ts";
import { faultOf, type FieldFault } from "./faults.ts";

interface Common {
  id: string;
  label: string;
  hint?: string | undefined;
  faults?: readonly FieldFault[];
}

function describedBy(id: string, hint: string | undefined, fault: string | null): string | undefined {
  const ids = [hint === undefined ? "" : `${id}-hint`, fault === null ? "" : `${id}-error`].filter((part) => part !== "");
  return ids.length === 0 ? undefined : ids.join(" ");
}

function HintAndFault({ id, hint, fault }: { id: string; hint?: string | undefined; fault: string | null }) {
  const { say } = useWords();
  return (
    <>
      {hint !== undefined && (
        <div class="nhsuk-hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {fault !== null && (
        <span class="nhsuk-error-message" id={`${id}-error`}>
          <span class="nhsuk-u-visually-hidden">{say("common.error")}</span> {fault}
        </span>
      )}
    </>
  );
}

function Group({ id, label, hint, fault, children }: { id: string; label: string; hint?: string | undefined; fault: string | null; children: ComponentChildren }) {
  return (
    <div class={`nhsuk-form-group ${fault === null ? "" : "nhsuk-form-group--error"}`}>
      <label class="nhsuk-label" for={id}>
        {label}
      </label>
      <HintAndFault id={id} hint={hint} fault={fault} />
      {children}
    </div>
  );
}

interface InputProps extends Common {
  value: string;
  onValue: (value: string) => void;
  type?: "text" | "date" | "datetime-local" | "time";
  inputMode?: "decimal" | "numeric" | "text" | "tel";
  width?: "3" | "5" | "10" | "20";
  suffix?: string | undefined;
  max?: string | undefined;
  min?: string | undefined;
  maxLength?: number;
}

export function Input({ id, label, hint, faults = [], value, onValue, type = "text", width, suffix, ...rest }: InputProps) {
  const fault = faultOf(faults, id);
  const input = (
    <input
      class={`nhsuk-input ${width === undefined ? "" : `nhsuk-input--width-${width}`} ${fault === null ? "" : "nhsuk-input--error"}`}
      id={id}
      name={id}
      // Preact's types tie a role to each input type one by one; a type chosen at run time fits none of them alone.
      {...({ type } as { type: "text" })}
      {...rest}
      value={value}
      autocomplete="off"
      spellcheck={false}
      aria-describedby={describedBy(id, hint, fault)}
      aria-invalid={fault === null ? undefined : true}
      onInput={(event) => onValue(event.currentTarget.value)}
    />
  );
  return (
    <Group id={id} label={suffix === undefined || suffix === "" ? label : `${label} (${suffix})`} hint={hint} fault={fault}>
      {input}
    </Group>
  );
}

interface AreaProps extends Common {
  value: string;
  onValue: (value: string) => void;
  rows?: number;
  maxLength?: number;
}

export function Area({ id, label, hint, faults = [], value, onValue, rows = 3, maxLength = 2000 }: AreaProps) {
  const fault = faultOf(faults, id);
  return (
    <Group id={id} label={label} hint={hint} fault={fault}>
      <textarea
        class={`nhsuk-textarea ${fault === null ? "" : "nhsuk-textarea--error"}`}
        id={id}
        name={id}
        rows={rows}
        maxLength={maxLength}
        value={value}
        aria-describedby={describedBy(id, hint, fault)}
        aria-invalid={fault === null ? undefined : true}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </Group>
  );
}

export interface Choice {
  readonly value: string;
  readonly words: string;
}

interface ChoiceProps extends Common {
  value: string;
  onValue: (value: string) => void;
  choices: readonly Choice[];
}

export function Select({ id, label, hint, faults = [], value, onValue, choices }: ChoiceProps) {
  const fault = faultOf(faults, id);
  return (
    <Group id={id} label={label} hint={hint} fault={fault}>
      <select
        class={`nhsuk-select ${fault === null ? "" : "nhsuk-select--error"}`}
        id={id}
        name={id}
        value={value}
        aria-describedby={describedBy(id, hint, fault)}
        onChange={(event) => onValue(event.currentTarget.value)}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.words}
          </option>
        ))}
      </select>
    </Group>
  );
}

interface RadiosProps extends ChoiceProps {
  /** Beside each other where there is room. */
  inline?: boolean;
  /** As the page's own heading: the one question of a page. */
  asHeading?: ComponentChildren;
  /** The language of the question and its answers, where it is not the page's. */
  lang?: string | undefined;
}

/** One of several. The first has the group's id, so that a fault leads to it. */
export function Radios({ id, label, hint, faults = [], value, onValue, choices, inline = false, asHeading, lang }: RadiosProps) {
  const fault = faultOf(faults, id);
  return (
    <div class={`nhsuk-form-group ${fault === null ? "" : "nhsuk-form-group--error"}`}>
      <fieldset class="nhsuk-fieldset" aria-describedby={describedBy(id, hint, fault)} lang={lang}>
        <legend class={`nhsuk-fieldset__legend ${asHeading === undefined ? "" : "nhsuk-fieldset__legend--l"}`}>{asHeading ?? label}</legend>
        <HintAndFault id={id} hint={hint} fault={fault} />
        <div class={`nhsuk-radios ${inline ? "nhsuk-radios--inline" : ""}`}>
          {choices.map((choice, place) => (
            <div class="nhsuk-radios__item" key={choice.value}>
              <input
                class="nhsuk-radios__input"
                id={place === 0 ? id : `${id}-${choice.value}`}
                name={id}
                type="radio"
                checked={value === choice.value}
                onChange={() => onValue(choice.value)}
              />
              <label class="nhsuk-label nhsuk-radios__label" for={place === 0 ? id : `${id}-${choice.value}`}>
                {choice.words}
              </label>
            </div>
          ))}
        </div>
      </fieldset>
    </div>
  );
}

interface ChecksProps extends Common {
  values: readonly string[];
  onValues: (values: readonly string[]) => void;
  choices: readonly Choice[];
}

/** As many as one likes. */
export function Checks({ id, label, hint, values, onValues, choices }: ChecksProps) {
  return (
    <div class="nhsuk-form-group">
      <fieldset class="nhsuk-fieldset" aria-describedby={describedBy(id, hint, null)}>
        <legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">{label}</legend>
        <HintAndFault id={id} hint={hint} fault={null} />
        <div class="nhsuk-checkboxes">
          {choices.map(({ value, words }) => (
            <Check key={value} id={`${id}-${value}`} label={words} isOn={values.includes(value)} onChange={(isOn) => onValues(isOn ? [...values, value] : values.filter((one) => one !== value))} />
          ))}
        </div>
      </fieldset>
    </div>
  );
}

/** One thing, or not; stands within `nhsuk-checkboxes`. */
export function Check({ id, label, isOn, onChange }: { id: string; label: string; isOn: boolean; onChange: (isOn: boolean) => void }) {
  return (
    <div class="nhsuk-checkboxes__item">
      <input class="nhsuk-checkboxes__input" id={id} type="checkbox" checked={isOn} onChange={(event) => onChange(event.currentTarget.checked)} />
      <label class="nhsuk-label nhsuk-checkboxes__label" for={id}>
        {label}
      </label>
    </div>
  );
}

/** What is wrong with the form: takes the focus when it appears; each fault leads to its field. */
export function FaultSummary({ faults }: { faults: readonly FieldFault[] }) {
  const { say } = useWords();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (faults.length > 0) box.current?.focus();
  }, [faults]);
  if (faults.length === 0) return null;
  return (
    <div class="nhsuk-error-summary" ref={box} tabIndex={-1}>
      <div role="alert">
        <h2 class="nhsuk-error-summary__heading">{say("common.problem")}</h2>
        <ul class="nhsuk-list nhsuk-error-summary__list">
          {faults.map(({ field, message }) => (
            <li key={`${field} ${message}`}>
              {field === null ? (
                message
              ) : (
                <a
                  href={`#${field}`}
                  onClick={(event) => {
                    event.preventDefault();
                    document.getElementById(field)?.focus();
                  }}
                >
                  {message}
                </a>
              )}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** Radios, checkboxes, a date in three parts and a longer text, as the NHS design system marks them up. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { TypedDate } from "../format/date_entry.ts";

export interface Choice<T extends string> {
  readonly value: T;
  readonly words: string;
  readonly hint?: string;
}

interface SetProps {
  id: string;
  legend: string;
  hint?: string | undefined;
  error?: string | null;
  children: ComponentChildren;
}

/** Several controls that are one question. */
function FieldSet({ id, legend, hint, error, children }: SetProps) {
  const described = [hint === undefined ? "" : `${id}-hint`, error ? `${id}-error` : ""].filter((part) => part !== "").join(" ");
  return (
    <div class={`nhsuk-form-group ${error ? "nhsuk-form-group--error" : ""}`}>
      <fieldset class="nhsuk-fieldset" aria-describedby={described === "" ? undefined : described}>
        <legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">{legend}</legend>
        {hint !== undefined && (
          <div class="nhsuk-hint" id={`${id}-hint`}>
            {hint}
          </div>
        )}
        {error && (
          <span class="nhsuk-error-message" id={`${id}-error`}>
            <span class="nhsuk-u-visually-hidden">Error:</span> {error}
          </span>
        )}
        {children}
      </fieldset>
    </div>
  );
}

interface RadiosProps<T extends string> extends Omit<SetProps, "children"> {
  value: T | "";
  onValue: (value: T) => void;
  choices: readonly Choice<T>[];
}

/** One of a few. The first radio has the field's own id, so that an error leads to it. */
export function RadiosField<T extends string>({ value, onValue, choices, ...set }: RadiosProps<T>) {
  return (
    <FieldSet {...set}>
      <div class="nhsuk-radios">
        {choices.map((choice, number) => {
          const id = number === 0 ? set.id : `${set.id}-${choice.value}`;
          return (
            <div class="nhsuk-radios__item" key={choice.value}>
              <input
                class="nhsuk-radios__input"
                type="radio"
                id={id}
                name={set.id}
                value={choice.value}
                checked={choice.value === value}
                aria-describedby={choice.hint === undefined ? undefined : `${id}-note`}
                onChange={() => onValue(choice.value)}
              />
              <label class="nhsuk-label nhsuk-radios__label" for={id}>
                {choice.words}
              </label>
              {choice.hint !== undefined && (
                <div class="nhsuk-hint nhsuk-radios__hint" id={`${id}-note`}>
                  {choice.hint}
                </div>
              )}
            </div>
          );
        })}
      </div>
    </FieldSet>
  );
}

interface CheckboxesProps<T extends string> extends Omit<SetProps, "children"> {
  values: readonly T[];
  onValues: (values: readonly T[]) => void;
  choices: readonly Choice<T>[];
}

/** Any of a few, in their order. */
export function CheckboxesField<T extends string>({ values, onValues, choices, ...set }: CheckboxesProps<T>) {
  const turn = (value: T): void =>
    onValues(choices.map((choice) => choice.value).filter((each) => values.includes(each) !== (each === value)));
  return (
    <FieldSet {...set}>
      <div class="nhsuk-checkboxes">
        {choices.map((choice, number) => {
          const id = number === 0 ? set.id : `${set.id}-${choice.value}`;
          return (
            <div class="nhsuk-checkboxes__item" key={choice.value}>
              <input
                class="nhsuk-checkboxes__input"
                type="checkbox"
                id={id}
                name={set.id}
                value={choice.value}
                checked={values.includes(choice.value)}
                aria-describedby={choice.hint === undefined ? undefined : `${id}-note`}
                onChange={() => turn(choice.value)}
              />
              <label class="nhsuk-label nhsuk-checkboxes__label" for={id}>
                {choice.words}
              </label>
              {choice.hint !== undefined && (
                <div class="nhsuk-hint nhsuk-checkboxes__hint" id={`${id}-note`}>
                  {choice.hint}
                </div>
              )}
            </div>
          );
        })}
      </div>
    </FieldSet>
  );
}

interface DateProps extends Omit<SetProps, "children"> {
  value: TypedDate;
  onValue: (value: TypedDate) => void;
}

const PARTS = [
  { part: "day", words: "Day", width: "2" },
  { part: "month", words: "Month", width: "2" },
  { part: "year", words: "Year", width: "4" },
] as const;

export function DateField({ value, onValue, ...set }: DateProps) {
  // Filled in by a browser, the three change before the page has drawn the first again.
  const latest = useRef(value);
  latest.current = value;
  const change = (changed: Partial<TypedDate>): void => {
    latest.current = { ...latest.current, ...changed };
    onValue(latest.current);
  };
  return (
    <FieldSet {...set}>
      <div class="nhsuk-date-input">
        {PARTS.map(({ part, words, width }) => {
          const id = part === "day" ? set.id : `${set.id}-${part}`;
          return (
            <div class="nhsuk-date-input__item" key={part}>
              <div class="nhsuk-form-group">
                <label class="nhsuk-label nhsuk-date-input__label" for={id}>
                  {words}
                </label>
                <input
                  class={`nhsuk-input nhsuk-date-input__input nhsuk-input--width-${width} ${set.error ? "nhsuk-input--error" : ""}`}
                  id={id}
                  name={id}
                  type="text"
                  inputMode="numeric"
                  autocomplete="off"
                  value={value[part]}
                  aria-invalid={set.error ? true : undefined}
                  onInput={(event) => change({ [part]: event.currentTarget.value })}
                />
              </div>
            </div>
          );
        })}
      </div>
    </FieldSet>
  );
}

interface TextAreaProps {
  id: string;
  label: string;
  hint?: string | undefined;
  error?: string | null;
  value: string;
  onValue: (value: string) => void;
  rows?: number;
  maxLength?: number;
}

export function TextArea({ id, label, hint, error, value, onValue, rows = 4, maxLength }: TextAreaProps) {
  const described = [hint === undefined ? "" : `${id}-hint`, error ? `${id}-error` : ""].filter((part) => part !== "").join(" ");
  return (
    <div class={`nhsuk-form-group ${error ? "nhsuk-form-group--error" : ""}`}>
      <label class="nhsuk-label" for={id}>
        {label}
      </label>
      {hint !== undefined && (
        <div class="nhsuk-hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {error && (
        <span class="nhsuk-error-message" id={`${id}-error`}>
          <span class="nhsuk-u-visually-hidden">Error:</span> {error}
        </span>
      )}
      <textarea
        class={`nhsuk-textarea ${error ? "nhsuk-textarea--error" : ""}`}
        id={id}
        name={id}
        rows={rows}
        maxLength={maxLength}
        value={value}
        aria-describedby={described === "" ? undefined : described}
        aria-invalid={error ? true : undefined}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </div>
  );
}

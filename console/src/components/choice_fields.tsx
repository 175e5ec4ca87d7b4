/** Radios, checkboxes and a date in three parts, as the NHS design system marks them up. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { TypedDate } from "../format/date_entry.ts";
import { describedBy, HintAndError, type Said } from "./fields.tsx";

interface Choice<T extends string> {
  readonly value: T;
  readonly words: string;
  readonly hint?: string;
}

interface SetProps extends Said {
  legend: string;
  children: ComponentChildren;
}

/** Several controls that are one question. */
function FieldSet({ legend, children, ...said }: SetProps) {
  return (
    <div class={`nhsuk-form-group ${said.error ? "nhsuk-form-group--error" : ""}`}>
      <fieldset class="nhsuk-fieldset" aria-describedby={describedBy(said)}>
        <legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">{legend}</legend>
        <HintAndError {...said} />
        {children}
      </fieldset>
    </div>
  );
}

type Kind = "radio" | "checkbox";

/** The names of the design system's blocks. */
const BLOCKS: Record<Kind, string> = { radio: "nhsuk-radios", checkbox: "nhsuk-checkboxes" };

interface ItemsProps<T extends string> {
  kind: Kind;
  /** Of the question. The first item has it as its own, so that an error leads there. */
  id: string;
  choices: readonly Choice<T>[];
  chosen: (value: T) => boolean;
  onPick: (value: T) => void;
}

function Items<T extends string>({ kind, id, choices, chosen, onPick }: ItemsProps<T>) {
  const block = BLOCKS[kind];
  return (
    <div class={block}>
      {choices.map(({ value, words, hint }, number) => {
        const own = number === 0 ? id : `${id}-${value}`;
        return (
          <div class={`${block}__item`} key={value}>
            <input
              class={`${block}__input`}
              // Preact's types tie a role to each input type one by one.
              {...({ type: kind } as { type: "radio" })}
              id={own}
              name={id}
              value={value}
              checked={chosen(value)}
              aria-describedby={hint === undefined ? undefined : `${own}-note`}
              onChange={() => onPick(value)}
            />
            <label class={`nhsuk-label ${block}__label`} for={own}>
              {words}
            </label>
            {hint !== undefined && (
              <div class={`nhsuk-hint ${block}__hint`} id={`${own}-note`}>
                {hint}
              </div>
            )}
          </div>
        );
      })}
    </div>
  );
}

interface RadiosProps<T extends string> extends Omit<SetProps, "children"> {
  value: T | "";
  onValue: (value: T) => void;
  choices: readonly Choice<T>[];
}

/** One of a few. */
export function RadiosField<T extends string>({ value, onValue, choices, ...set }: RadiosProps<T>) {
  return (
    <FieldSet {...set}>
      <Items kind="radio" id={set.id} choices={choices} chosen={(each) => each === value} onPick={onValue} />
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
      <Items kind="checkbox" id={set.id} choices={choices} chosen={(each) => values.includes(each)} onPick={turn} />
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

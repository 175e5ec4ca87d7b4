/** Form fields as the NHS design system marks them up: label, hint, error and control tied together for every reader. */
import type { ComponentChildren, InputHTMLAttributes } from "preact";

/** What is said about a control, or about several that are one question. */
export interface Said {
  id: string;
  hint?: string | undefined;
  error?: string | null;
}

/** The hint and the error, under the ids that `describedBy` names. */
export function HintAndError({ id, hint, error }: Said) {
  return (
    <>
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
    </>
  );
}

/** The ids that describe a control, or nothing. */
export function describedBy({ id, hint, error }: Said): string | undefined {
  const ids = [hint === undefined ? "" : `${id}-hint`, error ? `${id}-error` : ""].filter((part) => part !== "");
  return ids.length === 0 ? undefined : ids.join(" ");
}

interface Common extends Said {
  label: string;
}

interface GroupProps extends Common {
  children: ComponentChildren;
  class?: string;
}

function Group({ label, children, class: extra = "", ...said }: GroupProps) {
  return (
    <div class={`nhsuk-form-group ${said.error ? "nhsuk-form-group--error" : ""} ${extra}`}>
      <label class="nhsuk-label" for={said.id}>
        {label}
      </label>
      <HintAndError {...said} />
      {children}
    </div>
  );
}

interface TextProps extends Common {
  value: string;
  onValue: (value: string) => void;
  type?: "text" | "email" | "password" | "search" | "datetime-local" | "date";
  width?: "3" | "5" | "10" | "20" | "full";
  inputMode?: "decimal" | "numeric" | "email" | "text";
  autocomplete?: InputHTMLAttributes["autocomplete"];
  suffix?: string | undefined;
  groupClass?: string;
  max?: string;
  step?: string;
  maxLength?: number;
  after?: ComponentChildren;
}

export function TextField(props: TextProps) {
  const { id, value, onValue, type = "text", width = "full", error, suffix } = props;
  const size = width === "full" ? "" : `nhsuk-input--width-${width}`;
  const input = (
    <input
      class={`nhsuk-input ${size} ${error ? "nhsuk-input--error" : ""}`}
      id={id}
      name={id}
      // Preact's types tie a role to each input type one by one; a type chosen at run time fits none of them alone.
      {...({ type } as { type: "text" })}
      value={value}
      inputMode={props.inputMode}
      autocomplete={props.autocomplete}
      max={props.max}
      step={props.step}
      maxLength={props.maxLength}
      spellcheck={false}
      aria-describedby={describedBy(props)}
      aria-invalid={error ? true : undefined}
      onInput={(event) => onValue(event.currentTarget.value)}
    />
  );
  return (
    <Group {...props} class={props.groupClass ?? ""}>
      {suffix === undefined && props.after === undefined ? (
        input
      ) : (
        <div class="nhsuk-input-wrapper">
          {input}
          {suffix !== undefined && (
            <div class="nhsuk-input-wrapper__suffix" aria-hidden="true">
              {suffix}
            </div>
          )}
          {props.after}
        </div>
      )}
    </Group>
  );
}

type OneKindProps = Omit<TextProps, "type" | "inputMode" | "suffix" | "groupClass" | "max" | "step" | "maxLength" | "after">;

export function EmailField(props: OneKindProps) {
  return <TextField {...props} type="email" inputMode="email" />;
}

/** Six digits of an authenticator app; a phone offers them by itself. */
export function AppCodeField(props: OneKindProps) {
  return <TextField {...props} inputMode="numeric" autocomplete="one-time-code" width="10" />;
}

interface SelectProps extends Common {
  value: string;
  onValue: (value: string) => void;
  choices: readonly { value: string; words: string }[];
}

export function SelectField(props: SelectProps) {
  const { id, value, onValue, choices, error } = props;
  return (
    <Group {...props}>
      <select
        class={`nhsuk-select ${error ? "nhsuk-select--error" : ""}`}
        id={id}
        name={id}
        value={value}
        aria-describedby={describedBy(props)}
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

interface TextAreaProps extends Common {
  value: string;
  onValue: (value: string) => void;
  rows?: number;
  maxLength?: number;
}

export function TextArea(props: TextAreaProps) {
  const { id, value, onValue, error, rows = 4, maxLength } = props;
  return (
    <Group {...props}>
      <textarea
        class={`nhsuk-textarea ${error ? "nhsuk-textarea--error" : ""}`}
        id={id}
        name={id}
        rows={rows}
        maxLength={maxLength}
        value={value}
        aria-describedby={describedBy(props)}
        aria-invalid={error ? true : undefined}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </Group>
  );
}

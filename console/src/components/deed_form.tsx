/**
 * A form that asks one deed of the API: what is missing is said at its field before anybody is asked, then what the API says
 * against it; what was typed stays until the deed is done. Knows no route and no page.
 */
import type { ComponentChildren, TargetedSubmitEvent } from "preact";
import { useMemo, useState } from "preact/hooks";
import { useDeed, type Deed } from "../api/deeds.ts";
import { errorsOf, referenceOf } from "../format/refusals.ts";
import { ErrorSummary, type FieldError } from "./error_summary.tsx";

interface Terms<Draft> {
  readonly empty: Draft;
  /** What is missing or wrong, as far as it can be told here. */
  readonly faultsOf: (draft: Draft) => readonly FieldError[];
  /** What the API says against it: JSON pointer → id of the control, or all of it in other words. */
  readonly refusal: Readonly<Record<string, string>> | ((error: unknown) => readonly FieldError[]);
}

export interface DeedForm<Draft> extends Pick<Deed, "busy" | "run"> {
  readonly draft: Draft;
  readonly errors: readonly FieldError[];
  readonly reference: string | null;
  readonly change: (changed: Partial<Draft>) => void;
  /** Says this in place of what was said of the form: another way beside it was refused. */
  readonly tell: (errors: readonly FieldError[]) => void;
  /** For the form's own event: acts when nothing is missing. */
  readonly submitted: (act: () => Promise<void>) => (event: TargetedSubmitEvent<HTMLFormElement>) => void;
}

/** `run` empties the form when the deed is done. */
export function useDeedForm<Draft extends object>({ empty, faultsOf, refusal }: Terms<Draft>): DeedForm<Draft> {
  const deed = useDeed();
  const [draft, setDraft] = useState(empty);
  const [faults, setFaults] = useState<readonly FieldError[]>([]);
  // Kept: a list made anew with each letter typed would take the focus to the error summary with each letter.
  const errors = useMemo(
    () => (deed.error === null ? faults : typeof refusal === "function" ? refusal(deed.error) : errorsOf(deed.error, refusal)),
    [deed.error, faults],
  );
  return {
    draft,
    errors,
    reference: deed.error === null ? null : referenceOf(deed.error),
    busy: deed.busy,
    change: (changed) => setDraft((before) => ({ ...before, ...changed })),
    tell: (errors) => {
      setFaults(errors);
      deed.clear();
    },
    run: async (content, act) => {
      const done = await deed.run(content, act);
      if (done !== undefined) setDraft(empty);
      return done;
    },
    submitted: (act) => (event) => {
      event.preventDefault();
      // A second Enter is not about what is typed by now.
      if (deed.busy) return;
      const found = faultsOf(draft);
      setFaults(found);
      deed.clear();
      if (found.length === 0) void act();
    },
  };
}

interface ViewProps<Draft> {
  form: DeedForm<Draft>;
  onSend: () => Promise<void>;
  /** On the button, and while the deed is under way. */
  words: string;
  busyWords: string;
  /** Of the button, and of the form. */
  button?: string;
  class?: string;
  children: ComponentChildren;
}

export function DeedFormView<Draft>({ form, onSend, words, busyWords, button = "", class: extra = "", children }: ViewProps<Draft>) {
  return (
    <form class={`tw-form ${extra}`} onSubmit={form.submitted(onSend)} noValidate>
      <ErrorSummary errors={form.errors} reference={form.reference} />
      {children}
      <button class={`nhsuk-button ${button}`} type="submit" aria-disabled={form.busy}>
        {form.busy ? busyWords : words}
      </button>
    </form>
  );
}

/** Choosing a password: its field, what is wrong with it before anybody is asked, and what the API says against it. Knows no route. */
import type { ComponentChildren } from "preact";
import { useDeedForm, type DeedForm } from "./deed_form.tsx";
import { errorOf, type FieldError } from "./error_summary.tsx";
import { NewPasswordField, newPasswordFault } from "./password_field.tsx";

const FIELD = "new-password";

/** What is asked beside the password: what is missing in it, and where the API's faults with it point. */
export interface AskedBeside {
  faults: () => FieldError[];
  pointers: Readonly<Record<string, string>>;
}

interface Terms {
  /** Gives the password to the API, and goes on from there. */
  send: (password: string) => Promise<unknown>;
  /** Where the API's faults with the password point. */
  pointer: string;
  beside?: AskedBeside | undefined;
}

export interface NewPassword {
  readonly form: DeedForm<{ readonly password: string }>;
  readonly send: () => Promise<void>;
}

export function useNewPassword({ send, pointer, beside }: Terms): NewPassword {
  const form = useDeedForm({
    empty: { password: "" },
    faultsOf: ({ password }) => [...(beside?.faults() ?? []), ...faultsOf(password)],
    refusal: { ...beside?.pointers, [pointer]: FIELD },
  });
  return {
    form,
    // No key is sent with it, so it need not be kept to know a repeat by.
    send: async () => void (await form.run(null, () => send(form.draft.password))),
  };
}

function faultsOf(password: string): FieldError[] {
  const fault = newPasswordFault(password);
  return fault === null ? [] : [{ field: FIELD, message: fault }];
}

interface Props {
  chosen: NewPassword;
  /** On the button. */
  words: string;
  /** The fields of what is asked beside it, which stand first. */
  children?: ComponentChildren;
}

export function NewPasswordForm({ chosen: { form, send }, words, children }: Props) {
  return (
    <form onSubmit={form.submitted(send)} noValidate>
      {children}
      <NewPasswordField
        id={FIELD}
        label="New password"
        value={form.draft.password}
        onValue={(password) => form.change({ password })}
        error={errorOf(form.errors, FIELD)}
      />
      <button class="nhsuk-button" type="submit" aria-disabled={form.busy}>
        {form.busy ? "Saving…" : words}
      </button>
    </form>
  );
}

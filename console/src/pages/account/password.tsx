/** Changing one's password: the present one is shown, every other session ends. */
import type { TargetedSubmitEvent } from "preact";
import type { Account } from "../../api/types.ts";
import { useDeedForm } from "../../components/deed_form.tsx";
import { errorOf, type FieldError } from "../../components/error_summary.tsx";
import { HiddenUsername, NewPasswordField, newPasswordFault, PasswordField } from "../../components/password_field.tsx";
import { useDone } from "../../components/use_done.ts";
import { useServices } from "../../services.ts";
import { AccountFrame } from "./frame.tsx";

interface Draft {
  readonly current: string;
  readonly fresh: string;
}

const EMPTY: Draft = { current: "", fresh: "" };
const FIELDS = { "/current_password": "current-password", "/new_password": "new-password" };

export function PasswordPage({ account }: { account: Account }) {
  const { api, session, checking } = useServices();
  const [done, say, forget] = useDone();
  const form = useDeedForm<Draft>({ empty: EMPTY, faultsOf, refusal: FIELDS });
  const save = async (): Promise<void> => {
    const body = { current_password: form.draft.current, new_password: form.draft.fresh };
    const changed = await form.run(body, () => api.post("/v1/me/password", { body }));
    if (changed === undefined) return;
    session.knownBy(changed.value.device_token);
    checking.endedOthers();
    say("Your password is changed. You are signed out everywhere else");
  };
  const submitted = form.submitted(save);
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    forget();
    submitted(event);
  };
  return (
    <AccountFrame title="Change your password" errors={form.errors} done={done}>
      <form onSubmit={submit} noValidate>
        <HiddenUsername email={account.email} />
        <PasswordFields draft={form.draft} errors={form.errors} onChange={form.change} />
        <p>When you save it, you are signed out everywhere else, and a letter tells you that it was changed.</p>
        <button class="nhsuk-button" type="submit" aria-disabled={form.busy}>
          {form.busy ? "Saving…" : "Save the new password"}
        </button>
      </form>
    </AccountFrame>
  );
}

interface FieldsProps {
  draft: Draft;
  errors: readonly FieldError[];
  onChange: (change: Partial<Draft>) => void;
}

function PasswordFields({ draft, errors, onChange }: FieldsProps) {
  return (
    <>
      <PasswordField
        id="current-password"
        label="Current password"
        autocomplete="current-password"
        value={draft.current}
        onValue={(current) => onChange({ current })}
        error={errorOf(errors, "current-password")}
      />
      <NewPasswordField
        id="new-password"
        label="New password"
        value={draft.fresh}
        onValue={(fresh) => onChange({ fresh })}
        error={errorOf(errors, "new-password")}
      />
    </>
  );
}

function faultsOf({ current, fresh }: Draft): FieldError[] {
  const found: FieldError[] = [];
  if (current === "") found.push({ field: "current-password", message: "Enter your current password" });
  const fault = newPasswordFault(fresh);
  if (fault !== null) found.push({ field: "new-password", message: fault });
  return found;
}

/** Changing one's password: the present one is shown, every other session ends. */
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
  const { api, session } = useServices();
  const [done, say, forget] = useDone();
  const form = useDeedForm<Draft>({ empty: EMPTY, faultsOf, refusal: FIELDS });
  const { draft, errors, change } = form;
  const save = async (): Promise<void> => {
    const body = { current_password: draft.current, new_password: draft.fresh };
    const changed = await form.run(body, () => api.post("/v1/me/password", { body }));
    if (changed === undefined) return;
    session.knownBy(changed.value.device_token);
    say("Your password is changed. You are signed out everywhere else");
  };
  const submitted = form.submitted(save);

  return (
    <AccountFrame title="Change your password" errors={errors} done={done}>
      <form onSubmit={(event) => {
          forget();
          submitted(event);
        }} noValidate>
        <HiddenUsername email={account.email} />
        <PasswordField
          id="current-password"
          label="Current password"
          autocomplete="current-password"
          value={draft.current}
          onValue={(current) => change({ current })}
          error={errorOf(errors, "current-password")}
        />
        <NewPasswordField
          id="new-password"
          label="New password"
          value={draft.fresh}
          onValue={(fresh) => change({ fresh })}
          error={errorOf(errors, "new-password")}
        />
        <p>When you save it, you are signed out everywhere else, and a letter tells you that it was changed.</p>
        <button class="nhsuk-button" type="submit" aria-disabled={form.busy}>
          {form.busy ? "Saving…" : "Save the new password"}
        </button>
      </form>
    </AccountFrame>
  );
}

function faultsOf({ current, fresh }: Draft): FieldError[] {
  const found: FieldError[] = [];
  if (current === "") found.push({ field: "current-password", message: "Enter your current password" });
  const fault = newPasswordFault(fresh);
  if (fault !== null) found.push({ field: "new-password", message: fault });
  return found;
}

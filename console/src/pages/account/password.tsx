/** Changing one's password: the present one is shown, every other session ends. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { useDeed } from "../../api/deeds.ts";
import type { Account } from "../../api/types.ts";
import { errorOf, type FieldError } from "../../components/error_summary.tsx";
import { HiddenUsername, NewPasswordField, newPasswordFault, PasswordField } from "../../components/password_field.tsx";
import { useDone } from "../../components/use_done.ts";
import { errorsOf } from "../../format/refusals.ts";
import { useServices } from "../../services.ts";
import { AccountFrame } from "./frame.tsx";

const FIELDS = { "/current_password": "current-password", "/new_password": "new-password" };

export function PasswordPage({ account }: { account: Account }) {
  const { api, session } = useServices();
  const deed = useDeed();
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const [missing, setMissing] = useState<FieldError[]>([]);
  const [done, say, forget] = useDone();
  const errors = missing.length > 0 ? missing : errorsOf(deed.error, FIELDS);

  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const found = faults(current, fresh);
    setMissing(found);
    forget();
    if (found.length > 0) return;
    const body = { current_password: current, new_password: fresh };
    const changed = await deed.run(body, () => api.post("/v1/me/password", { body }));
    if (changed === undefined) return;
    session.knownBy(changed.value.device_token);
    setCurrent("");
    setFresh("");
    say("Your password is changed. You are signed out everywhere else");
  };

  return (
    <AccountFrame title="Change your password" errors={errors} done={done}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <HiddenUsername email={account.email} />
        <PasswordField
          id="current-password"
          label="Current password"
          autocomplete="current-password"
          value={current}
          onValue={setCurrent}
          error={errorOf(errors, "current-password")}
        />
        <NewPasswordField
          id="new-password"
          label="New password"
          value={fresh}
          onValue={setFresh}
          error={errorOf(errors, "new-password")}
        />
        <p>When you save it, you are signed out everywhere else, and a letter tells you that it was changed.</p>
        <button class="nhsuk-button" type="submit" aria-disabled={deed.busy}>
          {deed.busy ? "Saving…" : "Save the new password"}
        </button>
      </form>
    </AccountFrame>
  );
}

function faults(current: string, fresh: string): FieldError[] {
  const found: FieldError[] = [];
  if (current === "") found.push({ field: "current-password", message: "Enter your current password" });
  const fault = newPasswordFault(fresh);
  if (fault !== null) found.push({ field: "new-password", message: fault });
  return found;
}

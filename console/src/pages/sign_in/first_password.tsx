/** A password of one's own, in the place of one that somebody else chose, before anything else. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { Refused } from "../../api/http.ts";
import { errorsOf } from "../../format/refusals.ts";
import { errorOf, type FieldError } from "../../components/error_summary.tsx";
import { NewPasswordField, newPasswordFault } from "../../components/password_field.tsx";
import { useServices } from "../../services.ts";
import { SignInFrame, SubmitButton } from "./frame.tsx";
import { tookTooLong, usePending, type StepProps } from "./pending.ts";

export function FirstPasswordStep(props: StepProps) {
  const { session } = useServices();
  const refused = usePending(props);
  const [password, setPassword] = useState("");
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [busy, setBusy] = useState(false);

  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    const fault = newPasswordFault(password);
    setErrors(fault === null ? [] : [{ field: "new-password", message: fault }]);
    if (fault !== null) return;
    setBusy(true);
    try {
      const next = await session.setFirstPassword(props.step.sign_in_token, password);
      if (next !== null) props.onStep(next);
    } catch (error) {
      if (refused(error)) return;
      // No password is wrong here: a 401 says that the sign-in itself is dead.
      if (error instanceof Refused && error.status === 401) return props.startAgain(tookTooLong(props.step));
      setErrors(errorsOf(error, { "/new_password": "new-password" }));
      setBusy(false);
    }
  };

  return (
    <SignInFrame title="Choose your own password" errors={errors} onBack={() => props.startAgain(null)}>
      <p>Somebody else chose the password you have just used. Choose one that only you know.</p>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <NewPasswordField
          id="new-password"
          label="New password"
          value={password}
          onValue={setPassword}
          error={errorOf(errors, "new-password")}
        />
        <SubmitButton busy={busy} busyWords="Saving…">
          Save and continue
        </SubmitButton>
      </form>
    </SignInFrame>
  );
}

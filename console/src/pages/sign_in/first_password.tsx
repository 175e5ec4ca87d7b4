/** A password of one's own, in the place of one that somebody else chose, before anything else. */
import { Refused } from "../../api/http.ts";
import { NewPasswordForm, useNewPassword } from "../../components/new_password_form.tsx";
import { useServices } from "../../services.ts";
import { SignInFrame } from "./frame.tsx";
import { tookTooLong, usePending, type StepProps } from "./pending.ts";

export function FirstPasswordStep(props: StepProps) {
  const { session } = useServices();
  const refused = usePending(props);
  const send = async (password: string): Promise<void> => {
    try {
      const next = await session.setFirstPassword(props.step.sign_in_token, password);
      if (next !== null) props.onStep(next);
    } catch (error) {
      // No password is wrong here: a 401 says that the sign-in itself is dead.
      if (!refused(error) && error instanceof Refused && error.status === 401) props.startAgain(tookTooLong(props.step));
      throw error;
    }
  };
  const chosen = useNewPassword({ send, pointer: "/new_password" });
  return (
    <SignInFrame title="Choose your own password" errors={chosen.form.errors} onBack={() => props.startAgain(null)}>
      <p>Somebody else chose the password you have just used. Choose one that only you know.</p>
      <NewPasswordForm chosen={chosen} words="Save and continue" />
    </SignInFrame>
  );
}

/** Setting up the second step during a sign-in that asks for it: who holds a role must have one. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Refused } from "../../api/http.ts";
import { errorsOf } from "../../format/refusals.ts";
import type { NewTotp } from "../../api/types.ts";
import type { FieldError } from "../../components/error_summary.tsx";
import { Loading } from "../../components/problem.tsx";
import { TotpSetup } from "../../components/totp_setup.tsx";
import { WRONG_FIRST_CODE } from "../../factors/words.ts";
import { useServices } from "../../services.ts";
import { SignInFrame } from "./frame.tsx";
import { tookTooLong, usePending, type StepProps } from "./pending.ts";

export function EnrolmentStep(props: StepProps) {
  const { totp, errors, busy, begin, confirm, onFault } = useEnrolment(props);
  return (
    <SignInFrame title="Set up a second step" errors={errors} onBack={() => props.startAgain(null)}>
      <p>Your role needs more than a password: a code from an app on your phone.</p>
      {totp !== null && <TotpSetup totp={totp} errors={errors} busy={busy} onFault={onFault} onCode={(code) => void confirm(code)} />}
      {totp === null && errors.length === 0 && <Loading what="a key for your app" />}
      {totp === null && errors.length > 0 && (
        <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={() => void begin()}>
          Try again
        </button>
      )}
    </SignInFrame>
  );
}

/** A secret for the app, asked for when the step is first shown, and the code that proves that the app has it. */
function useEnrolment(props: StepProps) {
  const { step, startAgain } = props;
  const { session, door } = useServices();
  const refused = usePending(props);
  const [totp, setTotp] = useState<NewTotp | null>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [busy, setBusy] = useState(false);
  const begin = async (): Promise<void> => {
    setErrors([]);
    try {
      setTotp(await door.post("/v1/sessions/enrolment", { body: { sign_in_token: step.sign_in_token } }));
    } catch (error) {
      if (error instanceof Refused && error.status === 401) return startAgain(tookTooLong(step));
      setErrors(errorsOf(error));
    }
  };
  useOnce(begin);
  const confirm = async (code: string): Promise<void> => {
    setBusy(true);
    try {
      await session.showSecondFactor(step.sign_in_token, { code }, "recovery_codes");
    } catch (error) {
      if (refused(error)) return;
      setErrors(isWrong(error) ? [WRONG] : errorsOf(error));
      setBusy(false);
    }
  };
  return { totp, errors, busy, begin, confirm, onFault: setErrors };
}

/** Each time it is asked the API makes another secret. */
function useOnce(ask: () => Promise<void>): void {
  const asked = useRef(false);
  useEffect(() => {
    if (!asked.current) void ask();
    asked.current = true;
  }, []);
}

const WRONG: FieldError = { field: "code", message: WRONG_FIRST_CODE };

function isWrong(error: unknown): boolean {
  return error instanceof Refused && (error.status === 401 || error.status === 422);
}

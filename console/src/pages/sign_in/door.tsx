/** Sign in: by an identity provider, with a password, or with a passkey alone. What was typed stays after an error, the password too. */
import type { TargetedSubmitEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Refused } from "../../api/http.ts";
import { errorsOf } from "../../format/refusals.ts";
import type { SignInStep } from "../../api/types.ts";
import { errorOf, type FieldError } from "../../components/error_summary.tsx";
import { EmailField } from "../../components/fields.tsx";
import { Link } from "../../components/link.tsx";
import { PasswordField } from "../../components/password_field.tsx";
import { canHavePasskeys } from "../../passkeys/browser.ts";
import { useServices, useSessionState } from "../../services.ts";
import type { Ended } from "../../session/session.ts";
import { SignInFrame, SubmitButton } from "./frame.tsx";
import { PasskeyButton } from "./passkey_button.tsx";
import { ProviderButton, useProviderName } from "./provider_button.tsx";

interface Props {
  /** Why one has to begin again, when one has. */
  why: string | null;
  onStep: (step: SignInStep) => void;
}

export function Door({ why, onStep }: Props) {
  const { session } = useServices();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [busy, setBusy] = useState(false);
  const provider = useProviderName();

  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    const missing = missingFields(email, password);
    setErrors(missing);
    if (missing.length > 0) return;
    setBusy(true);
    try {
      const step = await session.signIn(email.trim(), password);
      if (step !== null) onStep(step);
    } catch (error) {
      setErrors(refusal(error));
      setBusy(false);
    }
  };

  return (
    <SignInFrame title="Sign in" errors={errors}>
      <Standing why={why} asked={errors.length === 0} />
      {provider !== null && <ByProvider name={provider} onRefused={setErrors} />}
      <form onSubmit={(event) => void submit(event)} noValidate>
        <EmailField id="email" label="Email address" autocomplete="username" value={email} onValue={setEmail} error={errorOf(errors, "email")} />
        <PasswordField
          id="password"
          label="Password"
          autocomplete="current-password"
          value={password}
          onValue={setPassword}
          error={errorOf(errors, "password")}
        />
        <SubmitButton busy={busy} busyWords="Signing in…">
          Sign in
        </SubmitButton>
      </form>
      <p>
        <Link to={{ page: "forgotten_password" }}>Forgotten your password?</Link>
      </p>
      {canHavePasskeys() && <ByPasskey onRefused={setErrors} />}
    </SignInFrame>
  );
}

interface WayProps {
  onRefused: (errors: FieldError[]) => void;
}

function ByProvider({ name, onRefused }: WayProps & { name: string }) {
  return (
    <section class="tw-first-way" aria-labelledby="first-way">
      <h2 class="nhsuk-heading-s" id="first-way">
        If you are a patient
      </h2>
      <p>With {name} you use one login for your health and care websites and apps.</p>
      <ProviderButton name={name} onRefused={onRefused} />
    </section>
  );
}

function ByPasskey({ onRefused }: WayProps) {
  return (
    <section class="tw-other-way" aria-labelledby="other-way">
      <h2 class="nhsuk-heading-s" id="other-way">
        If you have a passkey
      </h2>
      <PasskeyButton signInToken={null} onRefused={onRefused}>
        Use a passkey
      </PasskeyButton>
    </section>
  );
}

const ENDED: Record<Ended, string | null> = {
  none: null,
  expired: "Your session has ended. Sign in again to go on where you were.",
  idle: "You were signed out because you had not used Tendwell for a while. Sign in again to go on where you were.",
  too_long: "You were signed out because you had been signed in for as long as is safe. Sign in again to go on where you were.",
  elsewhere: "You signed out in another tab, so you are signed out here as well.",
};

interface StandingProps {
  why: string | null;
  /** Nothing was refused yet: what went before is still worth saying. */
  asked: boolean;
}

/** One region, there before its words are: a screen reader announces what comes into a region, not always one that comes with its words. */
function Standing({ why, asked }: StandingProps) {
  const state = useSessionState();
  const elsewhere = useSignedInElsewhere();
  const ended = why ?? (state.status === "signed_out" ? ENDED[state.reason] : null);
  return (
    <div role="status">
      {asked && ended !== null && (
        <div class="nhsuk-inset-text">
          <p>{ended}</p>
        </div>
      )}
      {elsewhere && (
        <div class="nhsuk-inset-text">
          <p>You are signed in in another tab of this browser. For your safety each tab signs in for itself: go back to that one, or sign in here too.</p>
        </div>
      )}
    </div>
  );
}

/** A new tab knows nothing of the tab beside it: what proves a session is never where another page could read it. */
function useSignedInElsewhere(): boolean {
  const { attendance } = useServices();
  const [elsewhere, setElsewhere] = useState(false);
  useEffect(() => attendance.askElsewhere(setElsewhere), [attendance]);
  return elsewhere;
}

function missingFields(email: string, password: string): FieldError[] {
  const errors: FieldError[] = [];
  if (email.trim() === "") errors.push({ field: "email", message: "Enter your email address" });
  if (password === "") errors.push({ field: "password", message: "Enter your password" });
  return errors;
}

function refusal(error: unknown): FieldError[] {
  if (error instanceof Refused && (error.status === 401 || error.status === 422)) {
    return [{ field: "email", message: "Email address or password is not right" }];
  }
  return errorsOf(error);
}

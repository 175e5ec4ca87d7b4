/** Sign in. Pasting and password managers are welcome; what was typed stays after an error, the password too. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { errorInWords, Refused } from "../api/http.ts";
import { ErrorSummary, errorOf, type FieldError } from "../components/error_summary.tsx";
import { TextField } from "../components/fields.tsx";
import { PageHeading } from "../components/heading.tsx";
import { useServices, useSessionState } from "../services.ts";

export function SignInPage() {
  const { session } = useServices();
  const state = useSessionState();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [busy, setBusy] = useState(false);
  const expired = state.status === "signed_out" && state.reason === "expired";

  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setShown(false);
    const missing = missingFields(email, password);
    setErrors(missing);
    if (missing.length > 0) return;
    setBusy(true);
    try {
      await session.signIn(email.trim(), password);
    } catch (error) {
      setErrors([refusal(error)]);
      setBusy(false);
    }
  };

  return (
    <div class="tw-sign-in">
      <ErrorSummary errors={errors} />
      <PageHeading title="Sign in" />
      {expired && errors.length === 0 && (
        <div class="nhsuk-inset-text" role="status">
          <p>Your session has ended. Sign in again to go on where you were.</p>
        </div>
      )}
      <form onSubmit={(event) => void submit(event)} noValidate>
        <TextField
          id="email"
          label="Email address"
          type="email"
          inputMode="email"
          autocomplete="username"
          value={email}
          onValue={setEmail}
          error={errorOf(errors, "email")}
        />
        <TextField
          id="password"
          label="Password"
          type={shown ? "text" : "password"}
          autocomplete="current-password"
          value={password}
          onValue={setPassword}
          error={errorOf(errors, "password")}
          groupClass="nhsuk-password-input"
          after={<ShowPassword shown={shown} onToggle={() => setShown(!shown)} />}
        />
        <button class="nhsuk-button" type="submit" aria-disabled={busy}>
          {busy ? "Signing in…" : "Sign in"}
        </button>
      </form>
    </div>
  );
}

function ShowPassword({ shown, onToggle }: { shown: boolean; onToggle: () => void }) {
  return (
    <button
      type="button"
      class="nhsuk-button nhsuk-button--secondary nhsuk-button--small nhsuk-password-input__toggle"
      aria-controls="password"
      aria-label={shown ? "Hide password" : "Show password"}
      onClick={onToggle}
    >
      {shown ? "Hide" : "Show"}
    </button>
  );
}

function missingFields(email: string, password: string): FieldError[] {
  const errors: FieldError[] = [];
  if (email.trim() === "") errors.push({ field: "email", message: "Enter your email address" });
  if (password === "") errors.push({ field: "password", message: "Enter your password" });
  return errors;
}

function refusal(error: unknown): FieldError {
  if (error instanceof Refused && error.status === 429) {
    return { field: null, message: "Too many attempts. Wait a minute and try again." };
  }
  if (error instanceof Refused && (error.status === 401 || error.status === 422)) {
    return { field: "email", message: "Email address or password is not right" };
  }
  return { field: null, message: errorInWords(error).message };
}

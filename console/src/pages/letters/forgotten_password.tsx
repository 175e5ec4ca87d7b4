/** Asking for a letter with a link to a new password. What it says is the same whether or not the address has an account. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { errorsOf } from "../../format/refusals.ts";
import { ErrorSummary, errorOf, type FieldError } from "../../components/error_summary.tsx";
import { EmailField } from "../../components/fields.tsx";
import { PageHeading } from "../../components/heading.tsx";
import { Link } from "../../components/link.tsx";
import { useServices } from "../../services.ts";

export function ForgottenPasswordPage() {
  const { door } = useServices();
  const [email, setEmail] = useState("");
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<string | null>(null);

  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    const missing = email.trim() === "";
    setErrors(missing ? [{ field: "email", message: "Enter your email address" }] : []);
    if (missing) return;
    setBusy(true);
    try {
      setAnswer((await door.post("/v1/password-resets", { body: { email: email.trim() } })).detail);
    } catch (error) {
      setErrors(errorsOf(error, { "/email": "email" }));
      setBusy(false);
    }
  };

  if (answer !== null) return <Asked answer={answer} />;
  return (
    <div class="tw-sign-in">
      <ErrorSummary errors={errors} />
      <PageHeading title="Forgotten password" />
      <p>Tell us the address you sign in with. We send a letter with a link to choose a new password.</p>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <EmailField id="email" label="Email address" autocomplete="username" value={email} onValue={setEmail} error={errorOf(errors, "email")} />
        <button class="nhsuk-button" type="submit" aria-disabled={busy}>
          {busy ? "Sending…" : "Send the letter"}
        </button>
      </form>
      <p>
        <Link to={{ page: "sign_in" }}>Back to signing in</Link>
      </p>
    </div>
  );
}

function Asked({ answer }: { answer: string }) {
  return (
    <div class="tw-sign-in">
      <PageHeading title="Look into your mailbox" takesFocus />
      <p>{answer}</p>
      <p>If nothing comes, look among the unwanted mail, and check that this is the address you sign in with.</p>
      <p>
        <Link to={{ page: "sign_in" }}>Back to signing in</Link>
      </p>
    </div>
  );
}

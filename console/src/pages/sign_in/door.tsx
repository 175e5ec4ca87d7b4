/** Sign in: by an identity provider, with a password, or with a passkey alone. What was typed stays after an error, the password too. */
import { useEffect, useState } from "preact/hooks";
import { Refused } from "../../api/http.ts";
import { errorsOf } from "../../format/refusals.ts";
import type { SignInStep } from "../../api/types.ts";
import { useDeedForm, type DeedForm } from "../../components/deed_form.tsx";
import { errorOf, type FieldError } from "../../components/error_summary.tsx";
import { EmailField } from "../../components/fields.tsx";
import { Link } from "../../components/link.tsx";
import { PasswordField } from "../../components/password_field.tsx";
import { Section } from "../../components/section.tsx";
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
  const provider = useProviderName();
  const form = useDeedForm<Draft>({ empty: { email: "", password: "" }, faultsOf: missingFields, refusal });
  return (
    <SignInFrame title="Sign in" errors={form.errors}>
      <Standing why={why} asked={form.errors.length === 0} />
      {provider !== null && <ByProvider name={provider} onRefused={form.tell} />}
      <ByPassword form={form} onStep={onStep} />
      <p>
        <Link to={{ page: "forgotten_password" }}>Forgotten your password?</Link>
      </p>
      {canHavePasskeys() && <ByPasskey onRefused={form.tell} />}
    </SignInFrame>
  );
}

interface Draft {
  readonly email: string;
  readonly password: string;
}

function ByPassword({ form, onStep }: { form: DeedForm<Draft>; onStep: Props["onStep"] }) {
  const { session } = useServices();
  const { draft, errors, change } = form;
  const signIn = async (): Promise<void> => {
    // No key is sent with it, so the password need not be kept to know a repeat by.
    const signedIn = await form.run(null, () => session.signIn(draft.email.trim(), draft.password));
    if (signedIn !== undefined && signedIn.value !== null) onStep(signedIn.value);
  };
  const field = (id: keyof Draft) => ({
    id,
    value: draft[id],
    onValue: (typed: string) => change({ [id]: typed }),
    error: errorOf(errors, id),
  });
  return (
    <form onSubmit={form.submitted(signIn)} noValidate>
      <EmailField label="Email address" autocomplete="username" {...field("email")} />
      <PasswordField label="Password" autocomplete="current-password" {...field("password")} />
      <SubmitButton busy={form.busy} busyWords="Signing in…">
        Sign in
      </SubmitButton>
    </form>
  );
}

interface WayProps {
  onRefused: (errors: readonly FieldError[]) => void;
}

function ByProvider({ name, onRefused }: WayProps & { name: string }) {
  return (
    <Section id="first-way" title="If you are a patient" class="tw-first-way" size="s">
      <p>With {name} you use one login for your health and care websites and apps.</p>
      <ProviderButton name={name} onRefused={onRefused} />
    </Section>
  );
}

function ByPasskey({ onRefused }: WayProps) {
  return (
    <Section id="other-way" title="If you have a passkey" class="tw-other-way" size="s">
      <PasskeyButton signInToken={null} onRefused={onRefused}>
        Use a passkey
      </PasskeyButton>
    </Section>
  );
}

const LOST = "Anything that you had typed and not saved is lost.";
const GO_ON = "Sign in again to go on where you were.";
const ENDED: Record<Ended, string | null> = {
  none: null,
  expired: `Your session has ended. ${GO_ON}`,
  closed: `Your session was ended, so you were signed out here. It was ended on another screen, by a new password, or by a change of your account. ${LOST} ${GO_ON}`,
  idle: `You were signed out because you had not used Tendwell for a while. ${LOST} ${GO_ON}`,
  too_long: `You were signed out because you had been signed in for as long as is safe. ${LOST} ${GO_ON}`,
  elsewhere: `You signed out in another tab, so you are signed out here as well. ${LOST}`,
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

function missingFields({ email, password }: Draft): FieldError[] {
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

/** The second step for who has one: a code of the app, a recovery code, or a passkey; whichever the account has. */
import { useState } from "preact/hooks";
import { Refused } from "../../api/http.ts";
import { errorsOf } from "../../format/refusals.ts";
import { useDeedForm } from "../../components/deed_form.tsx";
import { errorOf, type FieldError } from "../../components/error_summary.tsx";
import { AppCodeField, TextField } from "../../components/fields.tsx";
import { asCode, codeFault, recoveryFault } from "../../factors/words.ts";
import { canHavePasskeys } from "../../passkeys/browser.ts";
import { useServices } from "../../services.ts";
import type { SecondFactor } from "../../session/session.ts";
import { SignInFrame, SubmitButton } from "./frame.tsx";
import { PasskeyButton } from "./passkey_button.tsx";
import { usePending, type StepProps } from "./pending.ts";

type Way = StepProps["step"]["methods"][number];

const OTHERWISE: Record<Way, string> = {
  totp: "Use a code from your authenticator app instead",
  recovery_code: "Use a recovery code instead",
  passkey: "Use a passkey instead",
};

const TITLES: Record<Way, string> = {
  totp: "Enter your sign-in code",
  recovery_code: "Enter a recovery code",
  passkey: "Use your passkey",
};

export function SecondFactorStep(props: StepProps) {
  // Of the sign-in, not of the way: another way neither lengthens its time nor forgives a try.
  const refused = usePending(props);
  const [way, setWay] = useState<Way>(firstWay(props.step.methods));
  const others = props.step.methods.filter((one) => one !== way);
  const otherwise = (
    <ul class="nhsuk-list">
      {others.map((one) => (
        <li key={one}>
          <button type="button" class="tw-as-link" onClick={() => setWay(one)}>
            {OTHERWISE[one]}
          </button>
        </li>
      ))}
    </ul>
  );
  if (way === "passkey") return <PasskeyWay {...props}>{otherwise}</PasskeyWay>;
  return (
    <CodeWay key={way} way={way} refused={refused} {...props}>
      {otherwise}
    </CodeWay>
  );
}

/** A passkey is the safest, but an app's code works in every browser. */
function firstWay(methods: readonly Way[]): Way {
  return (["totp", "passkey", "recovery_code"] as const).find((one) => methods.includes(one)) ?? "recovery_code";
}

interface CodeWayProps extends StepProps {
  way: "totp" | "recovery_code";
  /** As of usePending. */
  refused: (error: unknown) => boolean;
  children: preact.ComponentChildren;
}

function CodeWay({ way, refused, children, ...props }: CodeWayProps) {
  const { session } = useServices();
  const form = useDeedForm({
    empty: { typed: "" },
    faultsOf: ({ typed }) => faultsOf(way, typed),
    refusal: (error) => refusal(error, way),
  });
  const { typed } = form.draft;
  const show = async (): Promise<void> => {
    try {
      await session.showSecondFactor(props.step.sign_in_token, shownBy(way, typed), way === "totp" ? null : "code_spent");
    } catch (error) {
      refused(error);
      throw error;
    }
  };
  return (
    <SignInFrame title={TITLES[way]} errors={form.errors} onBack={() => props.startAgain(null)}>
      {/* No key is sent with it: a code works once by itself. */}
      <form onSubmit={form.submitted(async () => void (await form.run(null, show)))} noValidate>
        <CodeField way={way} typed={typed} onTyped={(now) => form.change({ typed: now })} error={errorOf(form.errors, "code")} />
        <SubmitButton busy={form.busy} busyWords="Signing in…">
          Continue
        </SubmitButton>
      </form>
      {children}
      <NoWay />
    </SignInFrame>
  );
}

interface CodeFieldProps {
  way: CodeWayProps["way"];
  typed: string;
  onTyped: (typed: string) => void;
  error: string | null;
}

function CodeField({ way, typed, onTyped, error }: CodeFieldProps) {
  const shared = { id: "code", value: typed, onValue: onTyped, error };
  return way === "totp" ? (
    <AppCodeField {...shared} label="6-digit code" hint="Your authenticator app shows it. Each code works once and for half a minute." />
  ) : (
    <TextField
      {...shared}
      label="Recovery code"
      hint="One of the ten that you kept when you set up the app. Each works once; small letters and spaces do no harm."
      autocomplete="off"
    />
  );
}

function faultsOf(way: CodeWayProps["way"], typed: string): FieldError[] {
  const fault = way === "totp" ? codeFault(typed) : recoveryFault(typed);
  return fault === null ? [] : [{ field: "code", message: fault }];
}

function shownBy(way: CodeWayProps["way"], typed: string): SecondFactor {
  return way === "totp" ? { code: asCode(typed) } : { recovery_code: typed.trim() };
}

function PasskeyWay({ children, ...props }: StepProps & { children: preact.ComponentChildren }) {
  const [errors, setErrors] = useState<readonly FieldError[]>([]);
  return (
    <SignInFrame title={TITLES.passkey} errors={errors} onBack={() => props.startAgain(null)}>
      {canHavePasskeys() ? (
        <PasskeyButton signInToken={props.step.sign_in_token} onRefused={setErrors} primary>
          Use your passkey
        </PasskeyButton>
      ) : (
        <p>Passkeys do not work in this browser, or not at this address. Use another browser, or the address you were given.</p>
      )}
      {children}
      <NoWay />
    </SignInFrame>
  );
}

function NoWay() {
  return (
    <details class="nhsuk-details">
      <summary class="nhsuk-details__summary">
        <span class="nhsuk-details__summary-text">I have none of these any more</span>
      </summary>
      <div class="nhsuk-details__text">
        <p>
          Ask your organisation's Tendwell administrator, or your practice if you are a patient. Once they are sure that it is
          you, they remove your second step and you set up a new one.
        </p>
      </div>
    </details>
  );
}

function refusal(error: unknown, way: "totp" | "recovery_code"): FieldError[] {
  if (error instanceof Refused && (error.status === 401 || error.status === 422)) {
    const message =
      way === "totp"
        ? "This code is not right, or was used before. Wait for the next one"
        : "This recovery code is not right, or was used before";
    return [{ field: "code", message }];
  }
  return errorsOf(error);
}

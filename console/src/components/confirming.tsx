/**
 * What protects an account is changed only soon after showing who one is. A deed that the API refuses for that reason is done
 * again by itself once the reader has shown their password, a code of their app, or a recovery code.
 */
import { createContext, type ComponentChildren, type TargetedSubmitEvent } from "preact";
import { useCallback, useContext, useState } from "preact/hooks";
import { Refused } from "../api/http.ts";
import { useLoaded } from "../api/loading.ts";
import { asCode, codeFault, recoveryFault } from "../factors/words.ts";
import { CalledOff, errorsOf, needsConfirmation } from "../format/refusals.ts";
import { useApi } from "../services.ts";
import { ErrorSummary, errorOf, type FieldError } from "./error_summary.tsx";
import { AppCodeField, TextField } from "./fields.tsx";
import { Modal } from "./modal.tsx";
import { PasswordField } from "./password_field.tsx";

type Confirm = () => Promise<void>;
/** Does it; asks for confirmation on the way when the API wants it. Raises CalledOff when the reader does not give it. */
export type Confirmed = <T>(act: () => Promise<T>) => Promise<T>;

const ConfirmContext = createContext<Confirm | null>(null);

export function useConfirmed(): Confirmed {
  const confirm = useContext(ConfirmContext);
  if (confirm === null) throw new Error("Nothing on this page can ask for confirmation");
  return useCallback(
    async (act) => {
      try {
        return await act();
      } catch (error) {
        if (!needsConfirmation(error)) throw error;
        await confirm();
        return act();
      }
    },
    [confirm],
  );
}

interface Asking {
  confirmed: () => void;
  calledOff: () => void;
}

export function ConfirmingProvider({ children }: { children: ComponentChildren }) {
  const [asking, setAsking] = useState<Asking | null>(null);
  const confirm = useCallback<Confirm>(
    () =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void) => (): void => {
          setAsking(null);
          act();
        };
        setAsking({ confirmed: settle(resolve), calledOff: settle(() => reject(new CalledOff())) });
      }),
    [],
  );
  return (
    <ConfirmContext.Provider value={confirm}>
      {children}
      {asking !== null && <ConfirmDialogue {...asking} />}
    </ConfirmContext.Provider>
  );
}

type Way = "password" | "code" | "recovery_code";

const NAMES: Record<Way, string> = { password: "Password", code: "6-digit code of your authenticator app", recovery_code: "Recovery code" };

function ConfirmDialogue({ confirmed, calledOff }: Asking) {
  const api = useApi();
  const factors = useLoaded("factors", (signal) => api.get("/v1/me/factors", {}, signal));
  const { way, typed, setTyped, errors, busy, submit, use } = useShowing(confirmed);
  return (
    <Modal title="Confirm that it is you" onLeave={calledOff}>
      <ErrorSummary errors={errors} />
      <p>This protects your account, so show once more who you are. For ten minutes you are not asked again.</p>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <ConfirmationField way={way} typed={typed} onTyped={setTyped} error={errorOf(errors, "confirmation")} />
        <div class="tw-buttons">
          <button class="nhsuk-button" type="submit" aria-disabled={busy}>
            {busy ? "Checking…" : "Confirm"}
          </button>
          <button class="nhsuk-button nhsuk-button--secondary" type="button" onClick={calledOff}>
            Cancel
          </button>
        </div>
      </form>
      {factors.status === "ready" && <OtherWays way={way} has={factors.value} onUse={use} />}
    </Modal>
  );
}

/** What is shown of oneself, by which way, and sending it. */
function useShowing(confirmed: () => void) {
  const api = useApi();
  const [way, setWay] = useState<Way>("password");
  const [typed, setTyped] = useState("");
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [busy, setBusy] = useState(false);

  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    const fault = faultOf(way, typed);
    setErrors(fault === null ? [] : [{ field: "confirmation", message: fault }]);
    if (fault !== null) return;
    setBusy(true);
    try {
      await api.post("/v1/sessions/current/confirmation", { body: bodyOf(way, typed) });
      confirmed();
    } catch (error) {
      setErrors(isWrong(error) ? [{ field: "confirmation", message: WRONG[way] }] : errorsOf(error));
      setBusy(false);
    }
  };
  const use = (other: Way): void => {
    setWay(other);
    setTyped("");
    setErrors([]);
  };
  return { way, typed, setTyped, errors, busy, submit, use };
}

interface FieldProps {
  way: Way;
  typed: string;
  onTyped: (typed: string) => void;
  error: string | null;
}

function ConfirmationField({ way, typed, onTyped, error }: FieldProps) {
  const shared = { id: "confirmation", label: NAMES[way], value: typed, onValue: onTyped, error };
  if (way === "password") return <PasswordField {...shared} autocomplete="current-password" />;
  if (way === "code") return <AppCodeField key={way} {...shared} />;
  return <TextField key={way} {...shared} autocomplete="off" />;
}

interface OtherProps {
  way: Way;
  has: { totp_since: string | null; recovery_codes_left: number };
  onUse: (way: Way) => void;
}

function OtherWays({ way, has, onUse }: OtherProps) {
  const ways: Way[] = ["password"];
  if (has.totp_since !== null) ways.push("code");
  if (has.recovery_codes_left > 0) ways.push("recovery_code");
  return (
    <ul class="nhsuk-list">
      {ways
        .filter((one) => one !== way)
        .map((one) => (
          <li key={one}>
            <button type="button" class="tw-as-link" onClick={() => onUse(one)}>
              Use your {NAMES[one].toLowerCase()} instead
            </button>
          </li>
        ))}
    </ul>
  );
}

const WRONG: Record<Way, string> = {
  password: "This is not your password",
  code: "This code is not right, or was used before. Wait for the next one",
  recovery_code: "This recovery code is not right, or was used before",
};

function faultOf(way: Way, typed: string): string | null {
  if (way === "password") return typed === "" ? "Enter your password" : null;
  return way === "code" ? codeFault(typed) : recoveryFault(typed);
}

function bodyOf(way: Way, typed: string): { password: string } | { code: string } | { recovery_code: string } {
  if (way === "password") return { password: typed };
  return way === "code" ? { code: asCode(typed) } : { recovery_code: typed.trim() };
}

function isWrong(error: unknown): boolean {
  return error instanceof Refused && error.status === 422;
}

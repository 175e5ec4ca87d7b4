/** A password's field: pasting and password managers are welcome, and what was typed can be looked at. */
import { useState } from "preact/hooks";
import { TextField } from "./fields.tsx";

interface Props {
  id: string;
  label: string;
  value: string;
  onValue: (value: string) => void;
  error: string | null;
  autocomplete: "current-password" | "new-password";
  hint?: string;
}

export function PasswordField(props: Props) {
  const [shown, setShown] = useState(false);
  return (
    <TextField
      {...props}
      type={shown ? "text" : "password"}
      groupClass="nhsuk-password-input"
      after={
        <button
          type="button"
          class="nhsuk-button nhsuk-button--secondary nhsuk-button--small nhsuk-password-input__toggle"
          aria-controls={props.id}
          aria-label={`${shown ? "Hide" : "Show"} ${props.label.toLowerCase()}`}
          onClick={() => setShown(!shown)}
        >
          {shown ? "Hide" : "Show"}
        </button>
      }
    />
  );
}

/** The rules that the API judges by, in words (domain/accounts/password_rules.py). */
const RULES =
  "Use 12 characters or more: three words that do not belong together are good, and any characters will do. Do not use what" +
  " many people use, or your name, your address, or where you work.";

const LEAST_LENGTH = 12;

/** A password that is chosen now. */
export function NewPasswordField(props: Omit<Props, "autocomplete" | "hint">) {
  return <PasswordField {...props} autocomplete="new-password" hint={RULES} />;
}

/** What can be said of a new password without asking; null when only the API can tell. */
export function newPasswordFault(password: string): string | null {
  if (password === "") return "Enter a new password";
  return [...password].length < LEAST_LENGTH ? `Use at least ${LEAST_LENGTH} characters` : null;
}

/** Whose password it is, for a password manager, where the page does not ask. */
export function HiddenUsername({ email }: { email: string }) {
  return <input type="text" name="username" autocomplete="username" value={email} readOnly hidden />;
}

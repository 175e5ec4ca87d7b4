/** Setting an authenticator app up: the secret as a picture, as text, and as a link for an app on this device; its first code. */
import type { TargetedSubmitEvent } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { NewTotp } from "../api/types.ts";
import { drawnQr } from "../factors/qr.ts";
import { asCode, codeFault, inGroups } from "../factors/words.ts";
import { errorOf, type FieldError } from "./error_summary.tsx";
import { AppCodeField } from "./fields.tsx";

interface Props {
  totp: NewTotp;
  errors: readonly FieldError[];
  busy: boolean;
  onFault: (errors: FieldError[]) => void;
  onCode: (code: string) => void;
}

export function TotpSetup({ totp, errors, busy, onFault, onCode }: Props) {
  const [typed, setTyped] = useState("");
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (busy) return;
    const fault = codeFault(typed);
    onFault(fault === null ? [] : [{ field: "code", message: fault }]);
    if (fault === null) onCode(asCode(typed));
  };
  return (
    <>
      <ol class="nhsuk-list nhsuk-list--number">
        <li>
          Install an authenticator app on your phone if you have none: any that makes 6-digit codes will do, such as Microsoft
          Authenticator, Google Authenticator or the one of your password manager.
        </li>
        <li>In the app, add an account and scan this picture.</li>
        <li>Type the 6-digit code that the app then shows.</li>
      </ol>
      <QrPicture text={totp.otpauth_uri} />
      <WithoutPicture totp={totp} />
      <form onSubmit={submit} noValidate>
        <AppCodeField id="code" label="6-digit code" value={typed} onValue={setTyped} error={errorOf(errors, "code")} />
        <button class="nhsuk-button" type="submit" aria-disabled={busy}>
          {busy ? "Checking…" : "Confirm the app"}
        </button>
      </form>
    </>
  );
}

function WithoutPicture({ totp }: { totp: NewTotp }) {
  return (
    <details class="nhsuk-details">
      <summary class="nhsuk-details__summary">
        <span class="nhsuk-details__summary-text">I cannot scan the picture</span>
      </summary>
      <div class="nhsuk-details__text">
        <p>Type this key into the app, with or without the spaces. Choose "time-based" if it asks.</p>
        <p class="tw-secret" data-secret>
          {inGroups(totp.secret)}
        </p>
        <p>
          Is the app on this device? <a href={totp.otpauth_uri}>Open it with the key</a>.
        </p>
      </div>
    </details>
  );
}

/** White with a quiet zone also where colours are forced: a phone has to read it. */
function QrPicture({ text }: { text: string }) {
  const { size, path } = useMemo(() => drawnQr(text), [text]);
  return (
    <svg class="tw-qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label="QR code for your authenticator app" shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

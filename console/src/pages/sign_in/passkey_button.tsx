/** Signs in with a passkey: alone, or as the second factor of a sign-in that waits. */
import { useState } from "preact/hooks";
import { Refused } from "../../api/http.ts";
import { errorsOf } from "../../format/refusals.ts";
import type { FieldError } from "../../components/error_summary.tsx";
import { NoPasskey, showPasskey } from "../../passkeys/browser.ts";
import { useServices } from "../../services.ts";

interface Props {
  /** Of a sign-in that waits; null: whoever's passkey it is. */
  signInToken: string | null;
  onRefused: (errors: readonly FieldError[]) => void;
  primary?: boolean;
  children: string;
}

export function PasskeyButton({ signInToken, onRefused, primary = false, children }: Props) {
  const { session, door } = useServices();
  const [busy, setBusy] = useState(false);
  const signIn = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    onRefused([]);
    try {
      const { public_key } = await door.post("/v1/sessions/passkey-options", { body: { sign_in_token: signInToken } });
      await session.signInWithPasskey(await showPasskey(public_key));
    } catch (error) {
      setBusy(false);
      onRefused(refusal(error));
    }
  };
  return (
    <button
      type="button"
      class={`nhsuk-button ${primary ? "" : "nhsuk-button--secondary"}`}
      aria-disabled={busy}
      onClick={() => void signIn()}
    >
      {busy ? "Waiting for your passkey…" : children}
    </button>
  );
}

function refusal(error: unknown): FieldError[] {
  if (error instanceof NoPasskey) return [{ field: null, message: error.message }];
  if (error instanceof Refused && error.status === 401) {
    return [{ field: null, message: "This passkey does not sign in to Tendwell. It may have been removed. Use your password." }];
  }
  return errorsOf(error);
}

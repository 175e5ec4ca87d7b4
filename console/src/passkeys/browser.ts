/**
 * Asks the browser for a passkey, to make one or to sign in. Says in words why there is none; knows no route of the API.
 * The browser's own conversions between JSON and bytes are newer than some browsers in use: @simplewebauthn/browser has both.
 */
import {
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
  WebAuthnError,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/browser";
import type { NewCredential, ShownCredential } from "../api/types.ts";

/** The browser has given no passkey; the message says why, to the reader. */
export class NoPasskey extends Error {}

/** Whether this browser, at this address, can have passkeys at all. Only pages over TLS, or at localhost, can. */
export function canHavePasskeys(host: string = window.location.hostname): boolean {
  return browserSupportsWebAuthn() && !isNumbers(host);
}

/** No passkey is bound to an IP address (WebAuthn, 5.1.3: the effective domain must be a domain). */
function isNumbers(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.startsWith("[");
}

export async function makePasskey(publicKey: unknown): Promise<NewCredential> {
  try {
    return (await startRegistration({ optionsJSON: publicKey as PublicKeyCredentialCreationOptionsJSON })) as NewCredential;
  } catch (error) {
    throw new NoPasskey(whyNone(error), { cause: error });
  }
}

export async function showPasskey(publicKey: unknown): Promise<ShownCredential> {
  try {
    return (await startAuthentication({ optionsJSON: publicKey as PublicKeyCredentialRequestOptionsJSON })) as ShownCredential;
  } catch (error) {
    throw new NoPasskey(whyNone(error), { cause: error });
  }
}

const WORDS: Partial<Record<WebAuthnError["code"], string>> = {
  ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED: "This device already has a passkey for your account.",
  ERROR_AUTHENTICATOR_MISSING_USER_VERIFICATION_SUPPORT:
    "This device cannot check that it is you. Use one with a PIN, a fingerprint or face recognition.",
  ERROR_INVALID_DOMAIN: "Passkeys do not work at this address. Open Tendwell at the address you were given, not by numbers.",
  ERROR_INVALID_RP_ID: "Passkeys do not work at this address. Open Tendwell at the address you were given.",
};
const CALLED_OFF = "No passkey was used: it was called off, took too long, or there is none on this device for Tendwell.";

/** Browsers say "not allowed" of everything that would tell a page who has which passkeys. */
function whyNone(error: unknown): string {
  return (error instanceof WebAuthnError && WORDS[error.code]) || CALLED_OFF;
}

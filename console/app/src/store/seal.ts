/**
 * Seals what is kept on a phone with a key that no script can read out: AES-256-GCM by the browser, the key kept beside it as a
 * thing that can be used and not exported. It keeps a copied database useless elsewhere. It is no lock against whoever holds
 * the phone unlocked: that is the phone's own.
 */

export interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly sealed: ArrayBuffer;
}

const CIPHER = "AES-GCM";
const IV_BYTES = 12;

export function newKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: CIPHER, length: 256 }, false, ["encrypt", "decrypt"]);
}

/** `place`: where it lies. What is moved to another place does not open there. */
export async function seal(key: CryptoKey, place: string, value: unknown): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const written = new TextEncoder().encode(JSON.stringify(value));
  return { iv, sealed: await crypto.subtle.encrypt({ name: CIPHER, iv, additionalData: bytesOf(place) }, key, written) };
}

/** What was sealed there. Rejects when it was changed, or sealed by another key or for another place. */
export async function unseal(key: CryptoKey, place: string, { iv, sealed }: Sealed): Promise<unknown> {
  const opened = await crypto.subtle.decrypt({ name: CIPHER, iv, additionalData: bytesOf(place) }, key, sealed);
  return JSON.parse(new TextDecoder().decode(opened));
}

function bytesOf(place: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(place);
}

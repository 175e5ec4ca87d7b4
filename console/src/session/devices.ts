/**
 * The device tokens that this browser was given, one for each account that signed in on it. Sent back at the next sign-in,
 * such a token keeps strangers' wrong guesses from holding this device up; it opens nothing.
 * They stand under a short hash of the address, so that a shared computer does not list who has used it. That is no secrecy
 * against somebody who tries addresses out, and need not be.
 * Whoever chose a password with a letter's link, another or their first, is not told whose it is: that token is kept for
 * whoever signs in next.
 */

const KEY = "tendwell.devices";
/** A ward's computer has many users; the longest unused give way. */
const MOST = 50;

export interface Devices {
  tokenOf(email: string): string | null;
  keep(email: string, token: string): void;
  /** Keep the token of an address that is not known here; sent by whoever signs in next, and of no use to another. */
  keepForNext(token: string): void;
}

/** No address has this mark. */
const NEXT = "";

/** `storage` may be missing or refuse: a browser that keeps nothing is only a device that is not known. */
export function keptDevices(storage: () => Storage): Devices {
  const read = (): [string, string][] => {
    try {
      const kept: unknown = JSON.parse(storage().getItem(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter(isEntry) : [];
    } catch {
      return [];
    }
  };
  const put = (mark: string, token: string): void => {
    const others = read().filter(([other]) => other !== mark && other !== NEXT);
    try {
      storage().setItem(KEY, JSON.stringify([[mark, token], ...others].slice(0, MOST)));
    } catch {
      // Full, or forbidden by the browser's settings.
    }
  };
  return {
    // The newest stand first: one that is kept for the next is newer than what that address was given before.
    tokenOf: (email) => read().find(([mark]) => mark === NEXT || mark === markOf(email))?.[1] ?? null,
    keep: (email, token) => put(markOf(email), token),
    keepForNext: (token) => put(NEXT, token),
  };
}

function isEntry(one: unknown): one is [string, string] {
  return Array.isArray(one) && one.length === 2 && one.every((part) => typeof part === "string");
}

/** FNV-1a of 32 bits. Not the browser's own SHA-256: it is withheld from pages served without TLS. */
function markOf(email: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(email.trim().toLowerCase())) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}

/**
 * The way to the identity provider and back. The page is left in between, so the secret that shows that it is the same
 * browser waits in sessionStorage: this tab's alone. What the provider sends back stands in the address; it is taken out at
 * once, and the address becomes again the one that somebody came for.
 */
import type { ProviderSignIn } from "../api/types.ts";
import { addressOf } from "../router/routes.ts";

/** What was left behind on the way there. */
interface Errand {
  readonly secret: string;
  readonly name: string;
  readonly from: string;
  /** They left from a letter's page to accept its invitation. Its token is not kept: the letter has it. */
  readonly invited: boolean;
}

export interface CameBack {
  /** What people call the provider. */
  readonly name: string;
  /** What to send to the API; null when nobody left from here, or not for this provider. */
  readonly answer: ProviderSignIn | null;
  /** To accept an invitation: to leave again without its link would lead past it. */
  readonly invited: boolean;
}

export interface Provider {
  /** Leave for the provider. */
  leave(address: string, secret: string, name: string): void;
  /** Who has just come back; null when nobody has. */
  cameBack(): CameBack | null;
  /** What came back was used, or is worthless. */
  forget(): void;
}

const KEY = "tendwell.provider";
const BACK_AT = "signed-in";
const DOOR = "sign-in";
/** Below which addresses one can leave. The provider knows one address to send people back to: the console's. */
const BASES = ["/console/", "/app/"] as const;
export type Base = (typeof BASES)[number];
/** What a letter's link leads to is of no use to who has come back: its token was used, or is only in the letter. */
const INVITATION = addressOf({ page: "invitation", to: "record" });

/** `base`: whose page this is. Who left from the app and comes back to the console is led on, with what they bring. */
export function providerOf(page: Window, base: Base = "/console/"): Provider {
  let back = page.location.pathname === base + BACK_AT ? taken(page, base) : null;
  return {
    leave: (address, secret, name) => {
      // The API says where to; a page of ours opens nothing but web addresses, whoever says so.
      if (!/^https?:\/\//.test(address)) throw new Error("not a web address");
      const { pathname } = page.location;
      const invited = pathname === INVITATION;
      const errand: Errand = { secret, name, from: invited ? base + DOOR : pathname, invited };
      page.sessionStorage.setItem(KEY, JSON.stringify(errand));
      page.location.assign(address);
    },
    cameBack: () => back,
    forget: () => {
      back = null;
    },
  };
}

function taken(page: Window, base: Base): CameBack | null {
  const errand = read(page.sessionStorage.getItem(KEY));
  const from = BASES.find((one) => errand?.from.startsWith(one)) ?? base;
  if (from !== base) {
    page.location.replace(from + BACK_AT + page.location.search);
    return null;
  }
  page.sessionStorage.removeItem(KEY);
  const said = new URLSearchParams(page.location.search);
  page.history.replaceState(null, "", errand?.from ?? base + DOOR);
  return {
    name: errand?.name ?? "the other service",
    answer: errand === null ? null : answerOf(said, errand.secret),
    invited: errand?.invited ?? false,
  };
}

function read(kept: string | null): Errand | null {
  if (kept === null) return null;
  try {
    const { secret, name, from, invited } = JSON.parse(kept) as Partial<Errand>;
    if (typeof secret !== "string" || typeof name !== "string" || typeof from !== "string") return null;
    // Only an address of ours: what is kept here a script of another page of this host could have written.
    const base = BASES.find((one) => from.startsWith(one));
    const isOurs = base !== undefined && from !== base + BACK_AT;
    return { secret, name, from: isOurs ? from : (base ?? BASES[0]) + DOOR, invited: invited === true };
  } catch {
    return null;
  }
}

function answerOf(said: URLSearchParams, secret: string): ProviderSignIn | null {
  const [state, code, error, iss] = ["state", "code", "error", "iss"].map((name) => said.get(name));
  if (state === null || state === undefined) return null;
  if (code) return { secret, state, code, ...(iss ? { iss } : {}) };
  return error ? { secret, state, error, ...(iss ? { iss } : {}) } : null;
}

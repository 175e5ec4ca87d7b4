/**
 * Who is signed in, and the tokens that prove it. The access token is in memory only and renewed before it runs out.
 * A network that fails is not a sign-out: only the API's own refusal ends a session.
 */
import { Refused, send } from "../api/http.ts";
import type { Account, SessionOut } from "../api/types.ts";
import type { Keeping } from "./keeping.ts";

export type SessionState =
  | { status: "restoring" }
  | { status: "signed_out"; reason: "none" | "expired" }
  | { status: "signed_in"; account: Account };

interface Access {
  token: string;
  /** By Date.now(). */
  renewAt: number;
}

/** Renewed when a quarter of its life is left, so that a slow network does not cost the session. */
const RENEW_AT = 0.75;
const RETRY_RENEWAL_MS = 5_000;

export class Session {
  #state: SessionState = { status: "restoring" };
  #access: Access | null = null;
  #renewal: Promise<string> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #keeping: Keeping;
  readonly #listeners = new Set<() => void>();

  constructor(keeping: Keeping) {
    this.#keeping = keeping;
  }

  get state(): SessionState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Take up the session of before a reload, when there was one. */
  async restore(): Promise<void> {
    if (this.#keeping.get() === null) return this.#become({ status: "signed_out", reason: "none" });
    try {
      await this.renew();
    } catch {
      if (this.#state.status === "restoring") this.#timer = setTimeout(() => void this.restore(), RETRY_RENEWAL_MS);
    }
  }

  async signIn(email: string, password: string): Promise<void> {
    const response = await send({ method: "POST", path: "/v1/sessions", body: { email, password } });
    this.#accept((await response.json()) as SessionOut);
  }

  /** Ends the session here at once, and on the server as soon as it answers. */
  async signOut(): Promise<void> {
    const token = this.#access?.token;
    this.#forget("none");
    if (token === undefined) return;
    await send({ method: "DELETE", path: "/v1/sessions/current", token }).catch(() => undefined);
  }

  /** A token good for the next request; renews it first when it is about to run out. */
  async accessToken(): Promise<string> {
    if (this.#access !== null && Date.now() < this.#access.renewAt) return this.#access.token;
    return this.renew();
  }

  /** A new access token. Calls made at the same time share one renewal: a refresh token works once. */
  renew(): Promise<string> {
    this.#renewal ??= this.#exchange().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #exchange(): Promise<string> {
    const refresh = this.#keeping.get();
    if (refresh === null) {
      this.#forget("expired");
      throw new Refused(401, null);
    }
    try {
      const response = await send({ method: "POST", path: "/v1/sessions/refresh", body: { refresh_token: refresh } });
      const session = (await response.json()) as SessionOut;
      // Signed out while the answer was on its way: it must not sign anybody in again.
      if (this.#keeping.get() !== refresh) throw new Refused(401, null);
      return this.#accept(session);
    } catch (error) {
      if (error instanceof Refused && endsSession(error.status)) this.#forget("expired");
      throw error;
    }
  }

  #accept(session: SessionOut): string {
    const lifetime = session.expires_in * 1000;
    this.#access = { token: session.access_token, renewAt: Date.now() + lifetime * RENEW_AT };
    this.#keeping.set(session.refresh_token);
    this.#renewAfter(lifetime * RENEW_AT);
    this.#become({ status: "signed_in", account: session.account });
    return session.access_token;
  }

  #renewAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.renew().catch(() => {
        if (this.#state.status === "signed_in") this.#renewAfter(RETRY_RENEWAL_MS);
      });
    }, ms);
  }

  #forget(reason: "none" | "expired"): void {
    clearTimeout(this.#timer);
    this.#access = null;
    this.#keeping.set(null);
    this.#become({ status: "signed_out", reason });
  }

  #become(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** 401 and 403 refuse the token, 422 its form; anything else (429, 5xx) may pass. */
function endsSession(status: number): boolean {
  return status === 401 || status === 403 || status === 422;
}

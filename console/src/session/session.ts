/**
 * Who is signed in, and the tokens that prove it. The access token is in memory only and renewed before it runs out, as long
 * as somebody uses the console: to renew is to use the session, and one that nobody uses shall lapse on the server too.
 * A network that fails is not a sign-out: only the API's own refusal, or whoever watches over its use, ends a session.
 */
import { clientFor, type Client, type Tokens } from "../api/client.ts";
import { Refused } from "../api/http.ts";
import type { Account, ProviderSignIn, SessionOut, ShownCredential, SignInStep } from "../api/types.ts";
import type { Devices } from "./devices.ts";
import type { Keeping } from "./keeping.ts";

/**
 * Why nobody is signed in: they never were or signed out here; what was kept over a reload is good no longer; the API refused
 * the session while it was in use; nobody was there; 12 hours; another tab.
 */
export type Ended = "none" | "expired" | "closed" | "idle" | "too_long" | "elsewhere";

/** What has to be shown before anything else: new recovery codes are owed, or one has just been spent. */
export type Owed = "recovery_codes" | "code_spent" | null;

export type SessionState =
  | { status: "restoring" }
  | { status: "signed_out"; reason: Ended }
  | { status: "signed_in"; account: Account; owed: Owed };

/** How long the session can still last, and for how long unused (null: for ever). */
export interface Limits {
  readonly lifeMs: number;
  readonly idleMs: number | null;
}

export interface SecondFactor {
  readonly code?: string;
  readonly recovery_code?: string;
}

interface Access {
  token: string;
  /** By Date.now(). */
  renewAt: number;
}

/** Renewed when a quarter of its life is left, so that a slow network does not cost the session. */
const RENEW_AT = 0.75;
const RETRY_RENEWAL_MS = 5_000;
/** A question that nobody waits for is given up after so long, and asked again. */
const CHECK_LIMIT_MS = 15_000;

/** Whoever signs in, or brings a refresh token, is nobody yet. */
const DOOR = clientFor(null);

/** Who is leaving: the session is forgotten here already, so that its token is never renewed. */
function leaving(token: string): Tokens {
  return { holder: null, accessToken: async () => token, renew: async () => token };
}

/** On what one signs in, and how two pages keep out of each other's way. The console's way is the default. */
export interface Ways {
  /** app: a phone of one's own, on which one stays signed in (docs/decisions.md). */
  device(): "web" | "app";
  /** Runs a renewal while no other page renews the same token; what was renewed is kept before it resolves. */
  inTurn(renew: () => Promise<string>): Promise<string>;
  /** Does what the session is still needed for before it ends on the server; here it is forgotten already. */
  leaving(api: Client): Promise<void>;
}

/** Each tab has a session of its own. */
const BY_ITSELF: Ways = { device: () => "web", inTurn: (renew) => renew(), leaving: async () => undefined };

export class Session {
  #state: SessionState = { status: "restoring" };
  #access: Access | null = null;
  #renewal: Promise<string> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #limits: Limits | null = null;
  /** Whether anybody has used the console since the last renewal. */
  #used = false;
  #renewalDue = false;
  /** Another with each sign-in and each end; a renewal is the same session. */
  #number = 0;
  readonly #keeping: Keeping;
  readonly #devices: Devices;
  readonly #ways: Ways;
  readonly #listeners = new Set<() => void>();

  constructor(keeping: Keeping, devices: Devices, ways: Ways = BY_ITSELF) {
    this.#keeping = keeping;
    this.#devices = devices;
    this.#ways = ways;
  }

  /** On what whoever signs in next does. */
  get device(): "web" | "app" {
    return this.#ways.device();
  }

  /** As the API last told them; null when nobody is signed in. */
  get limits(): Limits | null {
    return this.#limits;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Which session this is, for whoever waits to know theirs again; null when nobody is signed in. */
  get holder(): number | null {
    return this.#state.status === "signed_out" ? null : this.#number;
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

  /** What is still needed after the password; null when one is signed in. */
  async signIn(email: string, password: string): Promise<SignInStep | null> {
    const device_token = this.#devices.tokenOf(email);
    return this.#take(DOOR.post("/v1/sessions", { body: { email, password, device_token, device: this.device } }), null);
  }

  /** Show the second factor of a sign-in that waits; `owed`: what is to be shown once one is in. */
  async showSecondFactor(sign_in_token: string, shown: SecondFactor, owed: Owed): Promise<void> {
    await this.#take(DOOR.post("/v1/sessions/second-factor", { body: { sign_in_token, ...shown } }), owed);
  }

  /** Choose a password of one's own; what is still needed then. */
  async setFirstPassword(sign_in_token: string, new_password: string): Promise<SignInStep | null> {
    return this.#take(DOOR.post("/v1/sessions/new-password", { body: { sign_in_token, new_password } }), null);
  }

  async signInWithPasskey(credential: ShownCredential): Promise<void> {
    await this.#take(DOOR.post("/v1/sessions/passkey", { body: { credential, device: this.device } }), null);
  }

  /** Bring what the identity provider has sent back; what is still needed then. */
  async signInWithProvider(answer: ProviderSignIn): Promise<SignInStep | null> {
    return this.#take(DOOR.post("/v1/sessions/identity-provider", { body: answer }), null);
  }

  async #take(asked: Promise<SessionOut | SignInStep>, owed: Owed): Promise<SignInStep | null> {
    const answer = await asked;
    if ("state" in answer) return answer;
    this.#devices.keep(answer.account.email, answer.device_token);
    this.#number += 1;
    this.#accept(answer, owed);
    return null;
  }

  /** This browser is known by another token from now on: that of before a changed password is good no longer. */
  knownBy(deviceToken: string): void {
    if (this.#state.status === "signed_in") this.#devices.keep(this.#state.account.email, deviceToken);
  }

  /** A password was chosen with a letter's link, whose it is is not known: whoever signs in next sends this. */
  knownNextBy(deviceToken: string): void {
    this.#devices.keepForNext(deviceToken);
  }

  /** What was owed has been shown. */
  settle(): void {
    if (this.#state.status === "signed_in") this.#become({ ...this.#state, owed: null });
  }

  /** Somebody uses the console: the session is worth renewing. */
  used(): void {
    this.#used = true;
    if (this.#renewalDue && this.#state.status === "signed_in") void this.renew().catch(() => this.#renewAfter(RETRY_RENEWAL_MS));
  }

  /** As signing out, but not by the reader's own hand, and they are told why. */
  async end(reason: Ended): Promise<void> {
    await this.#signOut(reason);
  }

  /** Ends the session here at once, and on the server as soon as it answers. */
  async signOut(): Promise<void> {
    await this.#signOut("none");
  }

  async #signOut(reason: Ended): Promise<void> {
    const token = this.#access?.token;
    this.#forget(reason);
    if (token === undefined) return;
    const api = clientFor(leaving(token));
    await this.#ways.leaving(api).catch(() => undefined);
    await api.remove("/v1/sessions/current", {}).catch(() => undefined);
  }

  /** A token good for the next request; renews it first when it is about to run out. */
  async accessToken(): Promise<string> {
    if (this.#access !== null && Date.now() < this.#access.renewAt) return this.#access.token;
    return this.renew();
  }

  /** A new access token. Calls made at the same time share one renewal: a refresh token works once. */
  renew(): Promise<string> {
    this.#renewal ??= this.#ways.inTurn(() => this.#exchange()).finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  /**
   * Ask whether this session still stands, without using it; it ends here when it does not. False when nobody answered.
   * A renewal under way changes nothing: the token of before still names the session.
   */
  async check(): Promise<boolean> {
    const refresh_token = this.#keeping.get();
    const number = this.#number;
    if (refresh_token === null) return false;
    try {
      await DOOR.post("/v1/sessions/standing", { body: { refresh_token } }, { signal: AbortSignal.timeout(CHECK_LIMIT_MS) });
      return true;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401 || error.problem === null) return false;
      if (this.#number === number) this.#forget("closed");
      return true;
    }
  }

  async #exchange(): Promise<string> {
    const refresh = this.#keeping.get();
    if (refresh === null) {
      // Whoever is out already has been told why.
      if (this.#state.status !== "signed_out") this.#forget(this.#refusedNow);
      throw new Refused(401, null);
    }
    try {
      const session = await DOOR.post("/v1/sessions/refresh", { body: { refresh_token: refresh } });
      // Signed out while the answer was on its way: it must not sign anybody in again.
      if (this.#keeping.get() !== refresh) throw new Refused(401, null);
      return this.#accept(session, this.#state.status === "signed_in" ? this.#state.owed : null);
    } catch (error) {
      // Who has left meanwhile has been told why.
      if (error instanceof Refused && endsSession(error) && this.#keeping.get() === refresh) this.#forget(this.#refusedNow);
      throw error;
    }
  }

  #accept(session: SessionOut, owed: Owed): string {
    const lifetime = session.expires_in * 1000;
    this.#access = { token: session.access_token, renewAt: Date.now() + lifetime * RENEW_AT };
    this.#keeping.set(session.refresh_token);
    this.#limits = limitsOf(session);
    this.#used = this.#renewalDue = false;
    this.#renewAfter(lifetime * RENEW_AT);
    this.#become({ status: "signed_in", account: session.account, owed });
    return session.access_token;
  }

  /** Whoever is in knows by two clocks when their session lapses, and leaves by themself then: this is another end. */
  get #refusedNow(): Ended {
    return this.#state.status === "signed_in" ? "closed" : "expired";
  }

  #renewAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.#used) {
        this.#renewalDue = true;
        return;
      }
      this.renew().catch(() => {
        if (this.#state.status === "signed_in") this.#renewAfter(RETRY_RENEWAL_MS);
      });
    }, ms);
  }

  #forget(reason: Ended): void {
    clearTimeout(this.#timer);
    this.#number += 1;
    this.#access = this.#limits = null;
    this.#renewalDue = false;
    this.#keeping.set(null);
    this.#become({ status: "signed_out", reason });
  }

  #become(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function limitsOf(session: SessionOut): Limits {
  const { session_expires_in: life, session_idle_limit: idle } = session;
  return { lifeMs: life * 1000, idleMs: idle === null ? null : idle * 1000 };
}

/** 401 and 403 refuse the token, 422 its form; anything else (429, 5xx) may pass, and so does what a proxy says while the API is away. */
function endsSession({ status, problem }: Refused): boolean {
  return problem !== null && (status === 401 || status === 403 || status === 422);
}

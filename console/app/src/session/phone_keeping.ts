/**
 * Where the refresh token of the app is: in memory as the console's, and, on a phone of one's own, sealed in the account's
 * vault as well. There two tabs share one session: each takes up what the other has renewed before it renews (Web Locks), since
 * a refresh token that is used twice looks like theft and ends the session.
 */
import { keepWhileAway, type Keeping } from "#console/session/keeping.ts";
import { inTurn } from "../store/browser_world.ts";
import type { Vault } from "../store/vault.ts";

const SESSION = "session";

/** What a phone of one's own keeps of a session. */
export interface KeptSession {
  readonly refresh: string;
  readonly account: { readonly id: string; readonly display_name: string };
  /** When it ends whatever is done, by this phone's clock: milliseconds since the epoch. */
  readonly endsAt: number;
}

export class PhoneKeeping implements Keeping {
  readonly #whileAway: Keeping;
  #vault: Vault | null = null;
  #kept: KeptSession | null = null;
  #written: Promise<void> = Promise.resolve();

  /** `page`: whose sessionStorage holds the token while the page is out of sight, where no vault does. */
  constructor(page: Window) {
    this.#whileAway = keepWhileAway(page);
  }

  get(): string | null {
    return this.#kept?.refresh ?? this.#whileAway.get();
  }

  set(token: string | null): void {
    if (this.#vault === null || this.#kept === null) return this.#whileAway.set(token);
    if (token === null) return this.#leave();
    this.#kept = { ...this.#kept, refresh: token };
    this.#write();
  }

  /** The session that lies in this vault, from now on kept there; null when none does, or it is over. */
  async takeUp(vault: Vault, now: number): Promise<KeptSession | null> {
    const found = await sessionIn(vault);
    if (found === null || found.endsAt <= now) return null;
    this.#vault = vault;
    this.#kept = found;
    return found;
  }

  /** Keep the session that has just begun in this vault, and nowhere else. */
  async keepIn(vault: Vault, session: Omit<KeptSession, "refresh">): Promise<void> {
    const refresh = this.get();
    if (refresh === null) return;
    this.#vault = vault;
    this.#kept = { ...session, refresh };
    this.#whileAway.set(null);
    this.#write();
    await this.#written;
  }

  /** Renew while no other tab does, with the token as it is by now; what was renewed is on the phone when this resolves. */
  async renewing(renew: () => Promise<string>): Promise<string> {
    const vault = this.#vault;
    if (vault === null) return renew();
    return inTurn(`tendwell.app.refresh.${vault.account}`, async () => {
      const found = await sessionIn(vault).catch(() => null);
      if (found !== null && this.#kept !== null) this.#kept = found;
      const token = await renew();
      await this.#written;
      return token;
    });
  }

  #leave(): void {
    const vault = this.#vault;
    this.#vault = this.#kept = null;
    if (vault !== null) this.#written = vault.put([{ outOf: "singles", key: SESSION }]).catch(() => undefined);
  }

  #write(): void {
    const vault = this.#vault;
    const kept = this.#kept;
    if (vault === null || kept === null) return;
    // A phone that cannot keep it is still signed in, until it is opened again.
    this.#written = this.#written
      .then(async () => vault.put([{ into: "singles", key: SESSION, value: await vault.seal(SESSION, kept) }]))
      .catch(() => undefined);
  }
}

async function sessionIn(vault: Vault): Promise<KeptSession | null> {
  const sealed = (await vault.read()).singles.find(([key]) => key === SESSION)?.[1];
  return sealed === undefined ? null : ((await vault.unseal(SESSION, sealed)) as KeptSession);
}

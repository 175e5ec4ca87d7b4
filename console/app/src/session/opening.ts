/**
 * Whose record is open, and where it lies: on a phone of their own, or in memory. A phone of one's own opens with what it keeps,
 * whether there is a network or not. Who signs out takes everything off it; whose session lapses or is ended by the server
 * takes the copy off it, and what they did and could not send stays, sealed, for when the same person signs in again.
 */
import type { Session } from "#console/session/session.ts";
import { browserWorld } from "../store/browser_world.ts";
import { sealedIn } from "../store/sealed_shelf.ts";
import { inMemory, type Shelf } from "../store/shelf.ts";
import { Store } from "../store/store.ts";
import { Vault } from "../store/vault.ts";
import type { Wire } from "../sync/wire.ts";
import type { Marks } from "./marks.ts";
import type { PhoneKeeping } from "./phone_keeping.ts";

export interface Person {
  readonly id: string;
  readonly display_name: string;
}

export type Opened =
  | { readonly status: "opening" | "door" }
  | { readonly status: "open"; readonly person: Person; readonly store: Store; readonly isHeld: boolean };

interface Open {
  readonly person: Person;
  readonly store: Store;
  readonly shelf: Shelf;
  readonly vault: Vault | null;
  readonly end: () => void;
}

export class Opening {
  #open: Open | null = null;
  #state: Opened = { status: "opening" };
  /** What happened last is done before what happens next: to sign in anew waits until the copy of before is away. */
  #turn: Promise<void> = Promise.resolve();
  readonly #session: Session;
  readonly #keeping: PhoneKeeping;
  readonly #marks: Marks;
  readonly #wire: Wire;
  readonly #isOwn: () => boolean;
  readonly #listeners = new Set<() => void>();

  /** `isOwn`: whether whoever signs in has said that this is their own phone. */
  constructor(session: Session, keeping: PhoneKeeping, marks: Marks, wire: Wire, isOwn: () => boolean) {
    this.#session = session;
    this.#keeping = keeping;
    this.#marks = marks;
    this.#wire = wire;
    this.#isOwn = isOwn;
  }

  get state(): Opened {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Open with what the phone keeps, then take up the session. */
  async begin(): Promise<void> {
    const owner = this.#marks.owner();
    if (owner !== null && canKeep()) await this.#takeUp(owner).catch(() => undefined);
    this.#session.subscribe(() => this.#follow());
    this.#marks.onChange(() => this.#look());
    this.#follow();
    void this.#session.restore();
  }

  async #takeUp(owner: string): Promise<void> {
    const vault = await Vault.open(owner);
    const kept = await this.#keeping.takeUp(vault, Date.now());
    if (kept !== null) return this.#show(kept.account, sealedIn(vault), vault);
    await this.#lapse(vault);
  }

  /** Another tab has taken everything of this account off the phone: by its owner's hand, whether anybody could be asked or not. */
  #look(): void {
    if (this.#open === null || this.#open.vault === null || this.#marks.has(this.#open.person.id)) return;
    void this.#session.end("elsewhere");
  }

  #follow(): void {
    const state = this.#session.state;
    if (state.status === "restoring") return;
    this.#turn = this.#turn
      .then(() => (state.status === "signed_in" ? this.#signedIn(state.account) : this.#signedOut(state.reason)))
      .catch(() => this.#become({ status: "door" }));
  }

  async #signedIn(account: Person): Promise<void> {
    if (this.#open?.person.id === account.id) {
      void this.#open.store.syncNow();
      return;
    }
    this.#close();
    const person = { id: account.id, display_name: account.display_name };
    if (this.#mayKeep()) {
      const vault = await this.#keepHere(person).catch(() => null);
      if (vault !== null) return this.#show(person, sealedIn(vault), vault);
    }
    await this.#show(person, await this.#memoryOf(person), null);
  }

  /** Whoever holds a role is signed in for half an hour, wherever: nothing is kept for them. */
  #mayKeep(): boolean {
    return this.#isOwn() && canKeep() && this.#session.limits?.idleMs === null;
  }

  async #keepHere(person: Person): Promise<Vault> {
    const vault = await Vault.open(person.id);
    this.#marks.add(person.id);
    this.#marks.setOwner(person.id);
    await this.#keeping.keepIn(vault, { account: person, endsAt: Date.now() + (this.#session.limits?.lifeMs ?? 0) });
    // A browser that is short of room shall not choose this for what it throws away.
    void navigator.storage.persist().catch(() => false);
    return vault;
  }

  /** In memory, with what the same person did here before and could not send. */
  async #memoryOf(person: Person): Promise<Shelf> {
    if (!this.#marks.has(person.id) || !canKeep()) return inMemory();
    const vault = await Vault.open(person.id);
    const before = sealedIn(vault);
    const { unsent } = await before.read();
    return inMemory(unsent, (changed, settled) => before.putUnsent(changed, settled));
  }

  async #show(person: Person, shelf: Shelf, vault: Vault | null): Promise<void> {
    let store: Store | null = null;
    const world = browserWorld(person.id, () => void store?.look());
    store = await Store.open(shelf, this.#wire, world);
    this.#open = { person, store, shelf, vault, end: world.end };
    this.#become({ status: "open", person, store, isHeld: vault !== null });
    void store.syncNow();
  }

  async #signedOut(reason: "none" | "elsewhere" | "expired" | "closed" | "idle" | "too_long"): Promise<void> {
    const open = this.#close();
    this.#become({ status: "door" });
    if (open === null || open.vault === null || reason === "elsewhere") return;
    if (reason === "none") await this.#wipe(open.vault);
    else await this.#lapse(open.vault);
  }

  #close(): Open | null {
    const open = this.#open;
    this.#open = null;
    open?.store.close();
    open?.end();
    return open;
  }

  async #wipe(vault: Vault): Promise<void> {
    this.#marks.remove(vault.account);
    await vault.destroy();
  }

  async #lapse(vault: Vault): Promise<void> {
    const shelf = sealedIn(vault);
    await shelf.dropCopy();
    const { unsent } = await shelf.read();
    if (unsent.length === 0) return this.#wipe(vault);
    this.#marks.setOwner(null);
    vault.close();
  }

  #become(state: Opened): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** Whether this browser, at this address, can keep anything sealed: pages without TLS have neither the cipher nor the locks. */
export function canKeep(): boolean {
  return window.isSecureContext && "indexedDB" in window && "subtle" in crypto && "locks" in navigator;
}

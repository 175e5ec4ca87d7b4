/**
 * Keeps one rule: this phone is told things for whoever's record it keeps, and for nobody else. It is subscribed at its owner's
 * press, looked after at each opening, and let go of as soon as nobody, or somebody else, is signed in on it. The
 * subscription is ended in the browser whether or not there is a network: then nothing arrives, whatever the API still has.
 */
import { Refused } from "#console/api/http.ts";
import { newClientId } from "#console/api/client_id.ts";
import type { Client } from "#console/api/client.ts";
import type { Opened } from "../session/opening.ts";
import type { PushBrowser } from "./push_browser.ts";
import { nextOf, type LeftMarks, type ToldMark } from "./told_here.ts";

/** What of the API it needs; a test gives its own. */
export type NoticeApi = Pick<Client, "get" | "post" | "remove">;

const ADDRESSES = "/v1/me/notifications/addresses";
const ADDRESS = "/v1/me/notifications/addresses/{address_id}";

export class ThisPhone {
  readonly browser: PushBrowser;
  readonly #api: NoticeApi;
  readonly #mark: ToldMark;
  readonly #left: LeftMarks;
  /** One thing after the other: who signs out while it subscribes is let go of afterwards. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #listeners = new Set<() => void>();

  constructor(api: NoticeApi, mark: ToldMark, left: LeftMarks, browser: PushBrowser) {
    this.#api = api;
    this.#mark = mark;
    this.#left = left;
    this.browser = browser;
  }

  /** The id of the address by which an account is told something on this phone; null: it is not. */
  addressOf(account: string): string | null {
    const told = this.#mark.get();
    return told?.account === account ? told.address : null;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Somebody's record was opened here, or closed. */
  follow(opened: Opened): Promise<void> {
    if (opened.status === "opening") return Promise.resolve();
    const person = opened.status === "open" ? opened.person.id : null;
    const account = opened.status === "open" && opened.isHeld ? person : null;
    return this.#inTurn(async () => {
      await this.#lookAfter(account);
      if (person !== null) await this.#takeOff(this.#api, this.#left.of(person));
    }).catch(() => undefined);
  }

  /** Tell this account here from now on. The browser has been asked, and its owner has agreed. */
  turnOn(account: string, name: string, key: string): Promise<void> {
    return this.#inTurn(() => this.#tell(account, name, key));
  }

  /** Tell nobody here any more. */
  turnOff(): Promise<void> {
    return this.#inTurn(async () => {
      const told = this.#mark.get();
      await this.#leave();
      if (told !== null) await this.#takeOff(this.#api, [told.address]);
    });
  }

  /** Somebody is signing out: with their own last word to the API, the address is taken off there as well. */
  async leaving(api: Pick<Client, "remove">): Promise<void> {
    const told = this.#mark.get();
    if (told === null) return;
    // Before it is tried: without an answer it is taken off when they sign in here next.
    this.#left.add(told.account, told.address);
    await this.#takeOff(api, [told.address]).catch(() => undefined);
  }

  async #lookAfter(account: string | null): Promise<void> {
    const told = this.#mark.get();
    if (told === null || told.account !== account) return this.#leave();
    const { items } = await this.#api.get(ADDRESSES, {});
    const listed = items.find(({ id }) => id === told.address);
    const endpoint = (await this.browser.current())?.endpoint ?? null;
    const next = nextOf(told, listed !== undefined, endpoint, this.browser.permission() === "granted");
    if (next === "stay" || listed === undefined) return next === "stay" ? undefined : this.#leave();
    if (next === "leave") await this.#leave();
    else await this.#anew(account, listed.name);
    if (this.addressOf(account) !== told.address) await this.#takeOff(this.#api, [told.address]);
  }

  async #anew(account: string, name: string): Promise<void> {
    const { web_push_public_key: key } = await this.#api.get("/v1/me/notifications/channels", {});
    if (key === null) await this.#leave();
    else await this.#tell(account, name, key);
  }

  async #tell(account: string, name: string, key: string): Promise<void> {
    const subscription = await this.browser.subscribe(key);
    try {
      const body = { channel: "web_push" as const, name, subscription };
      const { id } = await this.#api.post(ADDRESSES, { body }, { key: newClientId() });
      this.#mark.set({ account, address: id, endpoint: subscription.endpoint });
    } catch (error) {
      // A subscription that nobody is known to hold would be told nothing, and would stand there for whoever comes next.
      await this.#leave();
      throw error;
    }
    this.#say();
  }

  /** What the API keeps of it is left for its owner's next session here. */
  async #leave(): Promise<void> {
    const told = this.#mark.get();
    if (told !== null) this.#left.add(told.account, told.address);
    this.#mark.set(null);
    this.#say();
    await this.browser.end();
  }

  async #takeOff(api: Pick<Client, "remove">, addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      try {
        await api.remove(ADDRESS, { path: { address_id: address } });
      } catch (error) {
        // Gone already: taken off elsewhere, or by another tab.
        if (!(error instanceof Refused) || error.status !== 404) throw error;
      }
      this.#left.remove(address);
    }
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(act);
    this.#turn = next.catch(() => undefined);
    return next;
  }

  #say(): void {
    for (const listener of this.#listeners) listener();
  }
}

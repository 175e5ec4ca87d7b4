/**
 * One account's database on a phone: its key, its copy page by page, how far that goes, what is unsent, and its session. All
 * but the order of things is sealed. Each account has its own, so that no mistake shows one person's to another.
 */
import { newKey, seal, unseal, type Sealed } from "./seal.ts";

const VERSION = 1;
const STORES = ["keys", "pages", "singles", "unsent"] as const;
type StoreName = (typeof STORES)[number];

/** One thing put, or taken out. `key` is left to the database where things come one after the other. */
export type Put =
  | { readonly into: StoreName; readonly key?: string; readonly value: Sealed }
  | { readonly outOf: StoreName; readonly key: string }
  | { readonly empty: StoreName };

export class Vault {
  readonly account: string;
  readonly #database: IDBDatabase;
  readonly #key: CryptoKey;

  private constructor(account: string, database: IDBDatabase, key: CryptoKey) {
    this.account = account;
    this.#database = database;
    this.#key = key;
    // Another tab takes the database away: this one's hold must not keep it.
    database.onversionchange = () => database.close();
  }

  /** Open the account's database, made when there is none. Rejects where the browser gives none, or no key. */
  static async open(account: string): Promise<Vault> {
    const database = await opened(nameOf(account));
    const fresh = await newKey();
    const key = await keyIn(database, fresh);
    return new Vault(account, database, key);
  }

  seal(place: string, value: unknown): Promise<Sealed> {
    return seal(this.#key, `${this.account}/${place}`, value);
  }

  unseal(place: string, sealed: Sealed): Promise<unknown> {
    return unseal(this.#key, `${this.account}/${place}`, sealed);
  }

  /** All or none of these; resolves when they are on the disk. */
  put(puts: readonly Put[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = this.#database.transaction([...STORES], "readwrite", { durability: "strict" });
      turn.oncomplete = () => resolve();
      turn.onerror = turn.onabort = () => reject(turn.error ?? new Error("the phone did not keep it"));
      for (const put of puts) {
        if ("empty" in put) turn.objectStore(put.empty).clear();
        else if ("outOf" in put) turn.objectStore(put.outOf).delete(put.key);
        else turn.objectStore(put.into).put(put.value, put.key);
      }
    });
  }

  /** What lies in these stores, all of one moment. */
  read(): Promise<Record<Exclude<StoreName, "keys">, readonly (readonly [IDBValidKey, Sealed])[]>> {
    return new Promise((resolve, reject) => {
      const turn = this.#database.transaction([...STORES], "readonly");
      const found = { pages: listed(turn, "pages"), singles: listed(turn, "singles"), unsent: listed(turn, "unsent") };
      turn.oncomplete = () => resolve({ pages: found.pages(), singles: found.singles(), unsent: found.unsent() });
      turn.onerror = turn.onabort = () => reject(turn.error ?? new Error("the phone did not read it"));
    });
  }

  /** Write the pages of these keys anew as one; nothing happens when there are others by now. */
  replacePages(keys: readonly IDBValidKey[], whole: Sealed): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = this.#database.transaction("pages", "readwrite", { durability: "strict" });
      const pages = turn.objectStore("pages");
      const asked = pages.getAllKeys();
      asked.onsuccess = () => {
        if (asked.result.join() !== keys.join()) return;
        pages.clear();
        pages.put(whole);
      };
      turn.oncomplete = () => resolve();
      turn.onerror = turn.onabort = () => reject(turn.error ?? new Error("the phone did not keep it"));
    });
  }

  /** Take all of it off the phone, the key first: without it the rest is nothing, wherever it was copied to. */
  async destroy(): Promise<void> {
    await this.put(STORES.map((empty) => ({ empty })));
    this.#database.close();
    indexedDB.deleteDatabase(nameOf(this.account));
  }

  close(): void {
    this.#database.close();
  }
}

function nameOf(account: string): string {
  return `tendwell-app-${account}`;
}

function opened(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(name, VERSION);
    asked.onupgradeneeded = () => {
      for (const store of STORES) asked.result.createObjectStore(store, { autoIncrement: store === "pages" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error("no database"));
    asked.onblocked = () => reject(new Error("another tab holds an older database"));
  });
}

/** The key that lies there; this one, kept from now on, when none does. In one turn, so that two tabs make no two. */
function keyIn(database: IDBDatabase, fresh: CryptoKey): Promise<CryptoKey> {
  return new Promise((resolve, reject) => {
    const turn = database.transaction("keys", "readwrite", { durability: "strict" });
    const keys = turn.objectStore("keys");
    let key = fresh;
    const asked = keys.get("key") as IDBRequest<CryptoKey | undefined>;
    asked.onsuccess = () => {
      if (asked.result === undefined) keys.put(fresh, "key");
      else key = asked.result;
    };
    turn.oncomplete = () => resolve(key);
    turn.onerror = turn.onabort = () => reject(turn.error ?? new Error("no key"));
  });
}

function listed(turn: IDBTransaction, name: StoreName): () => readonly (readonly [IDBValidKey, Sealed])[] {
  const store = turn.objectStore(name);
  const keys = store.getAllKeys();
  const values = store.getAll() as IDBRequest<Sealed[]>;
  return () => values.result.flatMap((value, place) => (keys.result[place] === undefined ? [] : [[keys.result[place], value] as const]));
}

/**
 * A copy and what is unsent, sealed on the phone. Pages of changes lie one after the other, as they were told, and are read in
 * that order: to put one is one write, and its place in the copy and how far the copy goes are durable together. When there
 * are many they are written anew as one.
 */
import { asOnePage, isAllKnown, isEmpty, NOTHING, withPage, type Held, type Mark, type Told } from "./copy.ts";
import type { Shelf } from "./shelf.ts";
import type { Unsent } from "./things.ts";
import type { Put, Vault } from "./vault.ts";

/** So many pages are read again as one. The first of a record take about thirty (docs/offline.md). */
const MOST_PAGES = 60;
const MARK = "mark";

export function sealedIn(vault: Vault): Shelf {
  return new SealedShelf(vault);
}

/** An unsent thing's order is by when it was kept; what is sealed is the thing itself. */
class SealedShelf implements Shelf {
  readonly isHeld = true;
  readonly #vault: Vault;

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  async read() {
    const found = await this.#vault.read();
    const sealed = found.singles.find(([key]) => key === MARK)?.[1];
    const mark = sealed === undefined ? null : ((await this.#vault.unseal(MARK, sealed)) as Mark);
    const pages = await Promise.all(found.pages.map(async ([, page]) => (await this.#vault.unseal("page", page)) as Told));
    const held = pages.reduce<Held>(withPage, NOTHING);
    if (pages.length > MOST_PAGES && isAllKnown(mark)) await this.#vault.replacePages(found.pages.map(([key]) => key), await this.#vault.seal("page", asOnePage(held)));
    const unsent = await Promise.all(found.unsent.map(async ([item, one]) => (await this.#vault.unseal(`unsent/${String(item)}`, one)) as Unsent));
    return { held, mark, unsent: unsent.toSorted((one, other) => one.keptAt - other.keptAt) };
  }

  async putPage(page: Told, mark: Mark): Promise<void> {
    const puts: Put[] = page.reset ? [{ empty: "pages" }] : [];
    if (!isEmpty(page)) puts.push({ into: "pages", value: await this.#vault.seal("page", page) });
    await this.#vault.put([...puts, { into: "singles", key: MARK, value: await this.#vault.seal(MARK, mark) }]);
  }

  async putUnsent(changed: readonly Unsent[], settled: readonly string[]): Promise<void> {
    const puts = await Promise.all(
      changed.map(async (one): Promise<Put> => ({ into: "unsent", key: one.item, value: await this.#vault.seal(`unsent/${one.item}`, one) })),
    );
    await this.#vault.put([...puts, ...settled.map((key): Put => ({ outOf: "unsent", key }))]);
  }

  async dropCopy(): Promise<void> {
    await this.#vault.put([{ empty: "pages" }, { outOf: "singles", key: MARK }]);
  }

  async wipe(): Promise<void> {
    await this.#vault.destroy();
  }
}

/** Where a copy and what is unsent lie: in memory, or sealed on the phone (sealed_shelf.ts). */
import type { Held, Mark, Told } from "./copy.ts";
import { NOTHING, withPage } from "./copy.ts";
import type { Unsent } from "./things.ts";

export interface Found {
  readonly held: Held;
  readonly mark: Mark | null;
  readonly unsent: readonly Unsent[];
}

export interface Shelf {
  /** Whether it outlives the page. */
  readonly isHeld: boolean;
  /** All of it, as it lies now: another tab may have changed it. */
  read(): Promise<Found>;
  /** Put a page of changes and how far it goes, both or neither. Resolves when it is durable. */
  putPage(page: Told, mark: Mark): Promise<void>;
  /** Put each in the place of its item, and take those out that are settled; all or none. Resolves when it is durable. */
  putUnsent(changed: readonly Unsent[], settled: readonly string[]): Promise<void>;
  /** Forget the copy; what is unsent stays. */
  dropCopy(): Promise<void>;
  /** Forget everything. */
  wipe(): Promise<void>;
}

/**
 * Gone with the page. `left`: where the same person's unsent things lie from before, when the phone kept them: they are sent
 * from here, and settled there; nothing is added to them.
 */
export function inMemory(left: readonly Unsent[] = [], settleLeft: (changed: readonly Unsent[], settled: readonly string[]) => Promise<void> = async () => undefined): Shelf {
  let held = NOTHING;
  let mark: Mark | null = null;
  let unsent: ReadonlyMap<string, Unsent> = withUnsent(new Map(), left, []);
  const isLeft = new Set(left.map(({ item }) => item));
  const dropCopy = async (): Promise<void> => {
    held = NOTHING;
    mark = null;
  };
  return {
    isHeld: false,
    read: async () => ({ held, mark, unsent: [...unsent.values()] }),
    putPage: async (page, next) => {
      held = withPage(held, page);
      mark = next;
    },
    putUnsent: async (changed, settled) => {
      await settleLeft(changed.filter(({ item }) => isLeft.has(item)), settled.filter((item) => isLeft.has(item)));
      unsent = withUnsent(unsent, changed, settled);
    },
    dropCopy,
    wipe: async () => {
      await dropCopy();
      unsent = new Map();
    },
  };
}

/** In the order in which they were kept. */
export function withUnsent(before: ReadonlyMap<string, Unsent>, changed: readonly Unsent[], settled: readonly string[]): ReadonlyMap<string, Unsent> {
  const after = new Map(before);
  for (const one of changed) after.set(one.item, one);
  for (const item of settled) after.delete(item);
  return after;
}

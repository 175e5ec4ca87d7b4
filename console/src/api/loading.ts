/**
 * Loading from the API inside a page: one value, or a list page by page. What fails is asked for again until it comes; an
 * answer that comes after the page has moved on is dropped.
 */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { onReturn } from "../live/ticking.ts";
import { errorInWords } from "./http.ts";
import { untilAnswered, type RetryWorld } from "./retrying.ts";

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** Every item of a list that is short by its nature, page after page. */
export async function everyItem<T>(load: (cursor: string | null) => Promise<Page<T>>): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await load(cursor);
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

export type Loaded<T> =
  | { status: "loading"; reload: () => void }
  | { status: "failed"; error: unknown; retry: () => void; reload: () => void }
  | { status: "ready"; value: T; reload: () => void };

type Outcome<T> = { key: string; value: T } | { key: string; error: unknown };

/** Load again whenever `key` changes. While a reload is under way the former value stays, so that nothing flickers. What is done on the page while it is still loading reloads it too: what is on its way does not know of it. */
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [outcome, setOutcome] = useState<Outcome<T> | null>(null);
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const aborting = new AbortController();
    const settle = (next: Outcome<T>): void => {
      if (!aborting.signal.aborted) setOutcome(next);
    };
    const failed = (error: unknown): void =>
      setOutcome((before) => (before?.key === key && "error" in before && isSaidAlike(before.error, error) ? before : { key, error }));
    untilAnswered(() => latest.current(aborting.signal), failed, aborting.signal, BROWSER).then(
      (value) => settle({ key, value }),
      (error: unknown) => settle({ key, error }),
    );
    return () => aborting.abort();
  }, [key, turn]);
  const again = useCallback(() => setTurn((count) => count + 1), []);
  if (outcome === null || outcome.key !== key) return { status: "loading", reload: again };
  if ("error" in outcome) return { status: "failed", error: outcome.error, retry: again, reload: again };
  return { status: "ready", value: outcome.value, reload: again };
}

/** How to load it again, once there is something; and it is, whenever the reader comes back from elsewhere. */
export function useLoadedOnReturn(loaded: Loaded<unknown>): (() => void) | null {
  const reload = loaded.status === "ready" ? loaded.reload : null;
  useEffect(() => (reload === null ? undefined : onReturn(reload)), [reload]);
  return reload;
}

export interface Pages<T> {
  readonly items: readonly T[];
  readonly status: "loading" | "ready" | "failed";
  readonly error: unknown;
  readonly more: boolean;
  readonly loadMore: () => void;
  /** Ask once more for what failed. */
  readonly retry: () => void;
  readonly reload: () => void;
  /** Ask again for as much of the list as is loaded now; until it comes, all stays as it is. */
  readonly renew: (most: number) => void;
  /** Take off what the list has no more, without asking again. */
  readonly keepOnly: (which: (item: T) => boolean) => void;
}

interface Shelf<T> {
  /** Of which list these are: another list's items are never shown under this one's name. */
  key: string;
  items: T[];
  cursor: string | null;
  status: Pages<T>["status"];
  error: unknown;
}

function emptyShelf<T>(key: string): Shelf<T> {
  return { key, items: [], cursor: null, status: "loading", error: null };
}

/** A cursor-paged list that grows at the reader's wish; starts afresh whenever `key` changes. */
export function usePages<T>(key: string, load: Load<T>): Pages<T> {
  const [shelf, setShelf] = useState<Shelf<T>>(() => emptyShelf(key));
  const [turn, setTurn] = useState(0);
  const asked = useRef<Asked<T>>({ before: [], cursor: null });
  const fetchPage = useFetching(key, load, asked, setShelf);
  useEffect(() => fetchPage({ before: [], cursor: null }), [turn, fetchPage]);
  const shown = shelf.key === key ? shelf : emptyShelf<T>(key);
  return {
    items: shown.items,
    status: shown.status,
    error: shown.error,
    more: shown.cursor !== null,
    loadMore: () => void fetchPage({ before: shown.items, cursor: shown.cursor }),
    retry: () => void fetchPage(asked.current),
    reload: useCallback(() => setTurn((count) => count + 1), []),
    renew: (most) => void fetchPage({ before: [], cursor: null, atLeast: wantedAgain(shown, most) }),
    keepOnly: useCallback((which) => setShelf((now) => ({ ...now, items: now.items.filter(which) })), []),
  };
}

/** How many to ask for again: as many as there are, and of a list that was loaded to its end what has been added there too. */
export function wantedAgain({ items, cursor }: { items: readonly unknown[]; cursor: string | null }, most: number): number {
  return cursor === null ? most : items.length;
}

/** A page, and those after it until there are so many items, or no more. */
export async function pagesOf<T>(load: (cursor: string | null) => Promise<Page<T>>, from: string | null, atLeast: number): Promise<Page<T>> {
  let page = await load(from);
  const items = [...page.items];
  while (items.length < atLeast && page.next_cursor !== null) {
    page = await load(page.next_cursor);
    items.push(...page.items);
  }
  return { items, next_cursor: page.next_cursor };
}

type Load<T> = (cursor: string | null, signal: AbortSignal) => Promise<Page<T>>;

/** A page, and what stands on the shelf before it. */
interface Asked<T> {
  readonly before: readonly T[];
  readonly cursor: string | null;
  /** How many items are wanted at least, where there are as many. */
  readonly atLeast?: number;
}

/** Asks for one page at a time: another question gives the one before up. What it returns gives up whatever is under way. */
function useFetching<T>(
  key: string,
  load: Load<T>,
  asked: { current: Asked<T> },
  setShelf: (change: (shelf: Shelf<T>) => Shelf<T>) => void,
): (asking: Asked<T>) => () => void {
  const latest = useRef(load);
  latest.current = load;
  const aborting = useRef(new AbortController());
  return useCallback(
    (asking) => {
      aborting.current.abort();
      const { signal } = (aborting.current = new AbortController());
      asked.current = asking;
      setShelf((shelf) => ({ ...(shelf.key === key ? shelf : emptyShelf<T>(key)), status: "loading", error: null }));
      const failed = (error: unknown): void =>
        setShelf((shelf) => (shelf.status === "failed" && isSaidAlike(shelf.error, error) ? shelf : { ...shelf, status: "failed", error }));
      const pages = (): Promise<Page<T>> => pagesOf((cursor) => latest.current(cursor, signal), asking.cursor, asking.atLeast ?? 0);
      untilAnswered(pages, failed, signal, BROWSER).then(
        ({ items, next_cursor: cursor }) => {
          if (!signal.aborted) setShelf(() => ({ key, items: [...asking.before, ...items], cursor, status: "ready", error: null }));
        },
        (error: unknown) => {
          if (!signal.aborted) setShelf((shelf) => ({ ...shelf, status: "failed", error }));
        },
      );
      return () => aborting.current.abort();
    },
    [key, asked, setShelf],
  );
}

/** While it goes on failing in the same way nothing on the page changes: an alert is read out anew with each change. */
function isSaidAlike(one: unknown, other: unknown): boolean {
  return errorInWords(one).message === errorInWords(other).message;
}

const BROWSER: RetryWorld = { pause: pauseUnlessReturned, chance: Math.random };

function pauseUnlessReturned(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => (): void => {
      clearTimeout(timer);
      stopReturning();
      signal.removeEventListener("abort", aborted);
      settle();
    };
    const timer = setTimeout(end(resolve), ms);
    const stopReturning = onReturn(end(resolve));
    const aborted = end(() => reject(signal.reason as Error));
    signal.addEventListener("abort", aborted);
  });
}

/** Load again when `count` has grown; not on the first showing. */
export function useReloadOn(count: number, reload: (() => void) | null): void {
  const seen = useRef(count);
  const latest = useRef(reload);
  latest.current = reload;
  useEffect(() => {
    if (seen.current === count) return;
    seen.current = count;
    latest.current?.();
  }, [count]);
}

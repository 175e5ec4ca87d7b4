/**
 * One deed asked of the API from a form or a button: under way or not, what was said against it, and the key by which a
 * repeat after a lost answer is known. Knows no route and no page.
 */
import { useRef, useState } from "preact/hooks";
import { newClientId } from "./client_id.ts";
import { isPassing } from "./retrying.ts";

/** The key of one deed: the same for the same content until the API has answered it. */
export class DeedKey {
  #content: string | null = null;
  #key = "";

  /** The key to send this content under. */
  of(content: unknown): string {
    const written = JSON.stringify(content ?? null);
    if (written !== this.#content) {
      this.#content = written;
      this.#key = newClientId();
    }
    return this.#key;
  }

  /** To be told when the API has answered: what is sent next is another deed, were it alike to the letter. */
  answered(): void {
    this.#content = null;
  }
}

export interface Deed {
  readonly busy: boolean;
  /** What the API, or the network, said against it; null when nothing did. */
  readonly error: unknown;
  /** Do it, unless it is under way. The outcome of `act`; undefined when it failed, which `error` then tells. */
  run<T>(content: unknown, act: (key: string) => Promise<T>): Promise<{ value: T } | undefined>;
  /** Forget what was said, unless it is under way. */
  clear(): void;
}

export function useDeed(): Deed {
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const key = useRef(new DeedKey());
  const busy = useRef(false);
  return {
    ...state,
    run: async (content, act) => {
      if (busy.current) return undefined;
      busy.current = true;
      setState({ busy: true, error: null });
      try {
        const value = await act(key.current.of(content));
        key.current.answered();
        setState({ busy: false, error: null });
        return { value };
      } catch (error) {
        // Without an answer nobody knows whether it was done: sent again, it goes under the same key.
        if (!isPassing(error)) key.current.answered();
        setState({ busy: false, error });
        return undefined;
      } finally {
        busy.current = false;
      }
    },
    clear: () => {
      if (!busy.current) setState({ busy: false, error: null });
    },
  };
}

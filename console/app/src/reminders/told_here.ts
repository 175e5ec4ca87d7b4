/**
 * Whether this phone is told by Web Push, and for whom: an account's id, the address that the API keeps it under, and the
 * subscription as it was sent. In localStorage, since whoever opens the phone next has to know before anybody has signed in.
 */

export interface Told {
  readonly account: string;
  /** The id of the address. */
  readonly address: string;
  readonly endpoint: string;
}

export interface ToldMark {
  get(): Told | null;
  set(told: Told | null): void;
}

/** Addresses that the API may still keep though nobody is told anything here: to be taken off by their owner's next session. */
export interface LeftMarks {
  /** The ids of an account's. */
  of(account: string): readonly string[];
  add(account: string, address: string): void;
  remove(address: string): void;
}

const KEY = "tendwell.app.told";
const LEFT_KEY = "tendwell.app.left";
/** More than anybody leaves behind; the oldest are forgotten, and the API drops what its push service does not know. */
const MOST_LEFT = 20;

/** `storage` may be missing or refuse: then nobody is told anything here. */
export function toldIn(storage: () => Storage): ToldMark {
  return {
    get: () => {
      try {
        const found: unknown = JSON.parse(storage().getItem(KEY) ?? "null");
        return isTold(found) ? found : null;
      } catch {
        return null;
      }
    },
    set: (told) => {
      if (told === null) storage().removeItem(KEY);
      else storage().setItem(KEY, JSON.stringify(told));
    },
  };
}

/** Ids alone: nothing is sent by them. `storage` may be missing or refuse: then nothing is remembered. */
export function leftIn(storage: () => Storage): LeftMarks {
  const read = (): [string, string][] => {
    try {
      const found: unknown = JSON.parse(storage().getItem(LEFT_KEY) ?? "[]");
      return Array.isArray(found) ? found.filter(isPair) : [];
    } catch {
      return [];
    }
  };
  const write = (left: [string, string][]): void => {
    try {
      if (left.length === 0) storage().removeItem(LEFT_KEY);
      else storage().setItem(LEFT_KEY, JSON.stringify(left.slice(-MOST_LEFT)));
    } catch {
      // Nothing is remembered then: the API drops the address when its push service knows it no more.
    }
  };
  return {
    of: (account) => read().flatMap(([whose, address]) => (whose === account ? [address] : [])),
    add: (account, address) => write([...read().filter(([, other]) => other !== address), [account, address]]),
    remove: (address) => write(read().filter(([, other]) => other !== address)),
  };
}

function isPair(found: unknown): found is [string, string] {
  return Array.isArray(found) && found.length === 2 && found.every((one) => typeof one === "string");
}

function isTold(found: unknown): found is Told {
  if (typeof found !== "object" || found === null) return false;
  const { account, address, endpoint } = found as Record<string, unknown>;
  return [account, address, endpoint].every((one) => typeof one === "string");
}

/** `leave`: nobody is told here any more. `tell`: the browser has another subscription than the API knows of. */
export type Next = "stay" | "leave" | "tell";

/**
 * What becomes of this phone when its owner opens the app. `isListed`: whether the API still keeps its address; `endpoint`: of
 * the browser's subscription, null without one. What was taken off elsewhere is not put back; what the browser has
 * changed by itself is sent anew. Pure.
 */
export function nextOf(told: Told, isListed: boolean, endpoint: string | null, mayTell: boolean): Next {
  if (!isListed || !mayTell) return "leave";
  return endpoint === told.endpoint ? "stay" : "tell";
}

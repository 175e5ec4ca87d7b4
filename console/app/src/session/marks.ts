/**
 * Which accounts this phone keeps something of, and whose record it opens with: ids, nothing else. Read before anything of
 * them is opened, so it stands in localStorage.
 */

export interface Marks {
  /** Whose record this phone keeps and opens with; null: nobody's. */
  owner(): string | null;
  setOwner(account: string | null): void;
  /** Whether something of this account is kept here: what it did and could not send, say, after its session lapsed. */
  has(account: string): boolean;
  add(account: string): void;
  remove(account: string): void;
  /** Calls back when another tab has changed them. */
  onChange(act: () => void): void;
}

const KEY = "tendwell.app.kept";

interface Written {
  readonly owner: string | null;
  readonly accounts: readonly string[];
}

const NONE: Written = { owner: null, accounts: [] };

/** `storage` may be missing or refuse: then nothing is kept on this phone. `page`: what hears of other tabs' writing. */
export function marksIn(storage: () => Storage, page: Pick<Window, "addEventListener">): Marks {
  const read = (): Written => {
    try {
      const found: unknown = JSON.parse(storage().getItem(KEY) ?? "null");
      return isWritten(found) ? found : NONE;
    } catch {
      return NONE;
    }
  };
  const write = (next: Written): void => {
    if (next.owner === null && next.accounts.length === 0) storage().removeItem(KEY);
    else storage().setItem(KEY, JSON.stringify(next));
  };
  return {
    owner: () => read().owner,
    setOwner: (owner) => write({ ...read(), owner }),
    has: (account) => read().accounts.includes(account),
    add: (account) => write({ ...read(), accounts: [...new Set([...read().accounts, account])] }),
    onChange: (act) => page.addEventListener("storage", ({ key }) => (key === KEY || key === null) && act()),
    remove: (account) => {
      const { owner, accounts } = read();
      write({ owner: owner === account ? null : owner, accounts: accounts.filter((one) => one !== account) });
    },
  };
}

function isWritten(found: unknown): found is Written {
  if (typeof found !== "object" || found === null || !("owner" in found) || !("accounts" in found)) return false;
  const { owner, accounts } = found;
  return (owner === null || typeof owner === "string") && Array.isArray(accounts) && accounts.every((one) => typeof one === "string");
}

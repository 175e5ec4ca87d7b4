/** The app's addresses: which page an address means and which address a page has. Pure; knows no history and no page. */

export const BASE = "/app";

/** The app's pages, and the word in the address of each. */
const WORDS = {
  today: "",
  record: "record",
  numbers: "numbers",
  plan: "plan",
  more: "more",
  care_plan: "care-plan",
  goals: "goals",
  check_ins: "check-ins",
  looked: "who-looked",
  delegates: "people",
  feedback: "feedback",
  unsent: "not-sent",
  settings: "settings",
  sign_in: "sign-in",
} as const;

export type PageName = keyof typeof WORDS;

/** Where somebody is. `rest`: what follows the page's word in the address, for the page to read. */
export interface Where {
  readonly page: PageName | "unknown";
  readonly rest: readonly string[];
}

const PAGE_OF: ReadonlyMap<string, PageName> = new Map(Object.entries(WORDS).map(([page, word]) => [word, page as PageName]));

/** Where an address leads. Words are compared whole: nothing is guessed from a part of one. */
export function whereOf(pathname: string): Where {
  if (pathname !== BASE && !pathname.startsWith(`${BASE}/`)) return { page: "unknown", rest: [] };
  const [word = "", ...rest] = pathname.slice(BASE.length + 1).split("/").filter((part) => part !== "").map(plain);
  return { page: PAGE_OF.get(word) ?? "unknown", rest };
}

/** The address of a page. */
export function addressOf(page: PageName, rest: readonly string[] = []): string {
  return [BASE, WORDS[page], ...rest.map(encodeURIComponent)].join("/");
}

function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Which pages an account's roles open, and its role in words. The API decides what may be seen; this only spares dead ends. */
import type { Account, Role } from "../api/types.ts";
import type { Route } from "../router/routes.ts";

export interface NamedPage {
  readonly name: string;
  readonly route: Route;
}

const BOARD: NamedPage = { name: "Patients", route: { page: "board" } };
const OUTCOMES: NamedPage = { name: "Outcomes", route: { page: "outcomes" } };
const MINE: NamedPage = { name: "My health", route: { page: "mine", tab: "overview" } };

const OPENS: Record<Role, readonly NamedPage[]> = {
  clinician: [BOARD],
  care_home_staff: [BOARD],
  commissioner: [OUTCOMES],
  administrator: [],
  privacy_officer: [],
};

const ROLE_WORDS: Record<Role, string> = {
  clinician: "Clinician",
  care_home_staff: "Care home staff",
  commissioner: "Commissioner",
  administrator: "Administrator",
  privacy_officer: "Privacy officer",
};

export function pagesFor(account: Account): NamedPage[] {
  const pages = new Set(account.roles.flatMap(({ role }) => OPENS[role] ?? []));
  if (account.patient_id !== null) pages.add(MINE);
  return [...pages];
}

/** Where signing in leads. */
export function homeOf(account: Account): Route {
  return pagesFor(account)[0]?.route ?? { page: "home" };
}

/** "Clinician, Rowan Surgery"; the first role stands for all. */
export function roleInWords(account: Account): string {
  const [first] = account.roles;
  if (first === undefined) return account.patient_id === null ? "" : "Patient";
  return heldInWords(first);
}

/** All of them, for the page about oneself: "Clinician, Rowan Surgery; Patient". */
export function rolesInWords(account: Account): string {
  const held = [...account.roles.map(heldInWords), ...(account.patient_id === null ? [] : ["Patient"])];
  return held.length === 0 ? "None at present" : held.join("; ");
}

function heldInWords({ role, organisation }: Account["roles"][number]): string {
  return `${ROLE_WORDS[role] ?? role}, ${organisation.name}`;
}

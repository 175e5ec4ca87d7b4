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
const SHARING: NamedPage = { name: "Who can see my record", route: { page: "sharing", part: "people" } };
const ACTING: NamedPage = { name: "People I act for", route: { page: "acting" } };
const PRIVACY_ALERTS: NamedPage = { name: "Privacy alerts", route: { page: "privacy_alerts" } };
const ACCOUNTS: NamedPage = { name: "Accounts", route: { page: "accounts" } };
const INVITATIONS: NamedPage = { name: "Invitations", route: { page: "invitations" } };
const ORGANISATIONS: NamedPage = { name: "Organisations", route: { page: "organisations" } };
const CARE_TEAMS: NamedPage = { name: "Care teams", route: { page: "care_teams" } };
const PLANS: NamedPage = { name: "Plans", route: { page: "plans" } };
const REQUESTS: NamedPage = { name: "Requests", route: { page: "requests" } };
const EMERGENCY: NamedPage = { name: "Emergency access", route: { page: "emergency" } };

const OPENS: Record<Role, readonly NamedPage[]> = {
  clinician: [BOARD, PLANS, CARE_TEAMS, REQUESTS, EMERGENCY],
  care_home_staff: [BOARD],
  commissioner: [OUTCOMES],
  administrator: [ACCOUNTS, INVITATIONS, ORGANISATIONS],
  privacy_officer: [PRIVACY_ALERTS, REQUESTS],
};

/** The page of the menu under which an address lies, where it is not that page's own. */
const WITHIN: Readonly<Partial<Record<Route["page"], Route["page"]>>> = {
  patient: "board",
  access: "board",
  acting_for: "acting",
  one_account: "accounts",
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
  if (account.patient_id !== null) pages.add(MINE).add(SHARING);
  // Who holds a role works here: unless they do act for somebody, the page is not in the way of their work.
  if (account.roles.length === 0 || account.acts_for_others) pages.add(ACTING);
  return [...pages];
}

/** The page of the menu that an address belongs to. */
export function sectionOf(route: Route): Route["page"] {
  return WITHIN[route.page] ?? route.page;
}

/** Only spares a page that could not load anything: what may be seen is the API's decision, at every request. */
export function mayOpen(account: Account, route: Route): boolean {
  const section = sectionOf(route);
  // Anybody may be handed a code, and act for somebody.
  return section === ACTING.route.page || pagesFor(account).some((one) => one.route.page === section);
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

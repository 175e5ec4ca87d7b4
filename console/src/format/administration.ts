/** Words and order for organisations, roles, accounts and invitations as an administrator reads them. Pure. */
import type { Account, AccountSeen, Invitation, Membership, Organisation, Role, RoleKinds } from "../api/types.ts";
import { dateAndTime } from "./times.ts";

export const KINDS: Record<Organisation["kind"], string> = {
  commissioner: "Commissioning body",
  network: "Network",
  practice: "Practice",
  care_home: "Care home",
  provider: "Provider",
};

export const ROLES: readonly { value: Role; words: string }[] = [
  { value: "clinician", words: "Clinician" },
  { value: "care_home_staff", words: "Care home staff" },
  { value: "administrator", words: "Administrator" },
  { value: "privacy_officer", words: "Privacy officer" },
  { value: "commissioner", words: "Commissioner" },
];

export function roleName(role: Role): string {
  return ROLES.find(({ value }) => value === role)?.words ?? role;
}

export interface Branch {
  readonly organisation: Organisation;
  readonly below: readonly Branch[];
}

const order = new Intl.Collator("en-GB", { numeric: true, sensitivity: "base" });

/** The organisations that an account administers, as trees: from where it holds the role, with all that lies below. */
export function administeredTrees(organisations: readonly Organisation[], account: Account): Branch[] {
  const held = new Set(account.roles.filter(({ role }) => role === "administrator").map(({ organisation }) => organisation.id));
  const byParent = new Map<string | null, Organisation[]>();
  for (const each of organisations) byParent.set(each.parent_id, [...(byParent.get(each.parent_id) ?? []), each]);
  const grow = (organisation: Organisation): Branch => ({
    organisation,
    below: (byParent.get(organisation.id) ?? []).sort(byName).map(grow),
  });
  const byId = new Map(organisations.map((each) => [each.id, each]));
  const isBelowAnother = ({ parent_id: parent }: Organisation): boolean =>
    parent !== null && (held.has(parent) || isBelowAnother(byId.get(parent) ?? { ...NOWHERE, parent_id: null }));
  // Somebody who administers a network and a practice in it has one tree, not two.
  return organisations.filter((each) => held.has(each.id) && !isBelowAnother(each)).sort(byName).map(grow);
}

const NOWHERE: Organisation = { id: "", ods_code: "", name: "", kind: "provider", parent_id: null };

function byName(one: Organisation, other: Organisation): number {
  return order.compare(one.name, other.name) || order.compare(one.ods_code, other.ods_code);
}

/** All organisations of the trees, from the root on, each with how deep it lies. */
export function flattened(trees: readonly Branch[], depth = 0): { organisation: Organisation; depth: number }[] {
  return trees.flatMap(({ organisation, below }) => [{ organisation, depth }, ...flattened(below, depth + 1)]);
}

/** Where a role can be held, of these; before one is chosen, wherever any can. */
export function placesFor(role: Role | "", among: readonly Organisation[], roles: readonly RoleKinds[]): Organisation[] {
  return among.filter(({ kind }) => roles.some((each) => (role === "" || each.role === role) && each.kinds.includes(kind)));
}

/** The roles that can be held at one of these at least, by their names. */
export function rolesAmong(among: readonly Organisation[], roles: readonly RoleKinds[]): typeof ROLES {
  return ROLES.filter(({ value }) => placesFor(value, among, roles).length > 0);
}

/** "Rowan Surgery (Practice, ODS code Y99991)". */
export function organisationInWords({ name, kind, ods_code: code }: Organisation): string {
  return `${name} (${KINDS[kind]}, ODS code ${code})`;
}

/** "Clinician at Rowan Surgery, from 3 Mar 2026, 14:03". */
export function membershipInWords({ role, organisation, starts_at, expires_at }: Membership, now: number): string {
  const from = Date.parse(starts_at) > now ? `, from ${dateAndTime(starts_at)}` : "";
  const until = expires_at === null ? "" : Date.parse(expires_at) <= now ? `, over since ${dateAndTime(expires_at)}` : `, until ${dateAndTime(expires_at)}`;
  return `${roleName(role)} at ${organisation.name}${from}${until}`;
}

/** Whether it can be an email address at all: whether it is one, the letter shows. */
export function looksLikeAddress(typed: string): boolean {
  return /^\S+@\S+$/.test(typed.trim());
}

/** Every word typed must begin a word of the name, or be part of the email address. */
export function accountMatches({ display_name: name, email }: Pick<AccountSeen, "display_name" | "email">, typed: string): boolean {
  const words = fold(name).split(/[\s'-]+/);
  const address = fold(email);
  return fold(typed)
    .split(/\s+/)
    .filter((part) => part !== "")
    .every((part) => address.includes(part) || beginsWords(part, words));
}

/** "O'Neill" is typed as one word and kept as two. */
function beginsWords(part: string, words: readonly string[]): boolean {
  return part.split(/['-]/).every((piece) => piece === "" || words.some((word) => word.startsWith(piece)));
}

function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase("en-GB").trim();
}

export const INVITATION_STATES: Record<Invitation["state"], { words: string; colour: "yellow" | "green" | "grey" }> = {
  open: { words: "Waiting", colour: "yellow" },
  accepted: { words: "Accepted", colour: "green" },
  revoked: { words: "Withdrawn", colour: "grey" },
  lapsed: { words: "Too old", colour: "grey" },
};

/** Those that wait first; then the newest. */
export function inOrder(invitations: readonly Invitation[]): Invitation[] {
  const waits = ({ state }: Invitation): number => (state === "open" ? 0 : 1);
  return [...invitations].sort((a, b) => waits(a) - waits(b) || Date.parse(b.made_at) - Date.parse(a.made_at));
}

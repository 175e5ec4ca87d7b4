/** The addresses of relationships, rights and administration: which page each means, and the way back. Pure. */
import type { PatientTab } from "./routes.ts";

/** The parts of "Who can see my record". */
export type SharingPart = "people" | "invite" | "choices" | "looked" | "copies";
/** The parts of a record that somebody acts for; the last three only where the law has them decide. */
export type ActingTab = PatientTab | "people" | "choices" | "looked";

export type MoreRoute =
  | { page: "sharing"; part: SharingPart }
  | { page: "acting" }
  | { page: "acting_for"; id: string; tab: ActingTab }
  | { page: "access"; id: string }
  | { page: "emergency" }
  | { page: "privacy_alerts" }
  | { page: "requests" }
  | { page: "plans" }
  | { page: "care_teams" }
  | { page: "organisations" }
  | { page: "accounts" }
  | { page: "one_account"; id: string }
  | { page: "invitations" };

const SHARING: readonly SharingPart[] = ["people", "invite", "choices", "looked", "copies"];
const ACTING: readonly ActingTab[] = ["overview", "readings", "goals", "plan", "record", "people", "choices", "looked"];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const BY_WORD: ReadonlyMap<string, MoreRoute> = new Map<string, MoreRoute>([
  ["acting-for", { page: "acting" }],
  ["emergency-access", { page: "emergency" }],
  ["privacy-alerts", { page: "privacy_alerts" }],
  ["requests", { page: "requests" }],
  ["plans", { page: "plans" }],
  ["care-teams", { page: "care_teams" }],
  ["organisations", { page: "organisations" }],
  ["accounts", { page: "accounts" }],
  ["invitations", { page: "invitations" }],
]);

/** The route that the parts of an address mean; null when it is none of these. */
export function moreRouteOf(parts: readonly string[]): MoreRoute | null {
  const [first = "", second, third] = parts;
  if (first === "my-record" && parts.length <= 2) {
    const part = named(SHARING, second, "people");
    return part === undefined ? null : { page: "sharing", part };
  }
  if (parts.length === 1) return BY_WORD.get(first) ?? null;
  if (second === undefined || !UUID.test(second)) return null;
  if (first === "acting-for" && parts.length <= 3) {
    const tab = named(ACTING, third, "overview");
    return tab === undefined ? null : { page: "acting_for", id: second.toLowerCase(), tab };
  }
  if (first === "patients" && third === "access" && parts.length === 3) return { page: "access", id: second.toLowerCase() };
  return first === "accounts" && parts.length === 2 ? { page: "one_account", id: second.toLowerCase() } : null;
}

/** The part of this name; the first one has none, and is not said twice. */
function named<T extends string>(known: readonly T[], part: string | undefined, first: T): T | undefined {
  return part === undefined ? first : known.find((one) => one === part && one !== first);
}

/** The address below the console's own, with its slash. */
export function moreAddressOf(route: MoreRoute): string {
  switch (route.page) {
    case "sharing":
      return `/my-record${route.part === "people" ? "" : `/${route.part}`}`;
    case "acting_for":
      return `/acting-for/${route.id}${route.tab === "overview" ? "" : `/${route.tab}`}`;
    case "access":
      return `/patients/${route.id}/access`;
    case "one_account":
      return `/accounts/${route.id}`;
    default:
      return `/${[...BY_WORD].find(([, known]) => known.page === route.page)?.[0] ?? ""}`;
  }
}

const PAGES: ReadonlySet<string> = new Set(["sharing", "acting_for", "access", "one_account", ...[...BY_WORD.values()].map(({ page }) => page)]);

export function isMoreRoute(route: { page: string }): route is MoreRoute {
  return PAGES.has(route.page);
}

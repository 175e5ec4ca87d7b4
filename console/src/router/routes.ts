/** The console's addresses: which page an address means and which address a page has. Pure; knows no history and no page. */
import { isMoreRoute, moreAddressOf, moreRouteOf, type MoreRoute } from "./more_routes.ts";

const BASE = "/console";

export type PatientTab = "overview" | "readings" | "goals" | "plan" | "record";

export type AccountPart = "overview" | "password" | "second-step" | "passkeys" | "sessions";

export type Route =
  | { page: "home" }
  | { page: "sign_in" }
  | { page: "invitation"; to: "role" | "record" }
  | { page: "new_password" }
  | { page: "forgotten_password" }
  | { page: "privacy" }
  | { page: "account"; part: AccountPart }
  | { page: "board" }
  | { page: "patient"; id: string; tab: PatientTab }
  | { page: "outcomes" }
  | { page: "mine"; tab: PatientTab }
  | MoreRoute
  | { page: "unknown" };

const TABS: readonly PatientTab[] = ["overview", "readings", "goals", "plan", "record"];
const ACCOUNT_PARTS: readonly AccountPart[] = ["overview", "password", "second-step", "passkeys", "sessions"];

/** Pages whose address is one word. */
const BY_WORD: Readonly<Record<string, Route>> = {
  "sign-in": { page: "sign_in" },
  invitation: { page: "invitation", to: "role" },
  "new-password": { page: "new_password" },
  "forgotten-password": { page: "forgotten_password" },
  privacy: { page: "privacy" },
  patients: { page: "board" },
  outcomes: { page: "outcomes" },
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The route an address means. Addresses are compared whole: nothing is guessed from a prefix. */
export function routeOf(pathname: string): Route {
  if (pathname !== BASE && !pathname.startsWith(`${BASE}/`)) return { page: "unknown" };
  const parts = pathname.slice(BASE.length).split("/").filter((part) => part !== "");
  const [first, second, third] = parts;
  if (first === undefined) return { page: "home" };
  const more = moreRouteOf(parts);
  if (more !== null) return more;
  if (parts.length === 1 && Object.hasOwn(BY_WORD, first)) return BY_WORD[first] ?? { page: "unknown" };
  if (first === "invitation" && second === "record" && parts.length === 2) return { page: "invitation", to: "record" };
  if (first === "account" && parts.length <= 2) return accountPart(second);
  if (first === "my-health" && parts.length <= 2) return tabbed(second, (tab) => ({ page: "mine", tab }));
  if (first === "patients" && second !== undefined && UUID.test(second) && parts.length <= 3) {
    return tabbed(third, (tab) => ({ page: "patient", id: second.toLowerCase(), tab }));
  }
  return { page: "unknown" };
}

function tabbed(part: string | undefined, route: (tab: PatientTab) => Route): Route {
  if (part === undefined) return route("overview");
  const tab = TABS.find((one) => one === part && one !== "overview");
  return tab === undefined ? { page: "unknown" } : route(tab);
}

function accountPart(part: string | undefined): Route {
  if (part === undefined) return { page: "account", part: "overview" };
  const found = ACCOUNT_PARTS.find((one) => one === part && one !== "overview");
  return found === undefined ? { page: "unknown" } : { page: "account", part: found };
}

/** The address of a route. */
export function addressOf(route: Route): string {
  if (isMoreRoute(route)) return BASE + moreAddressOf(route);
  switch (route.page) {
    case "home":
    case "unknown":
      return `${BASE}/`;
    case "sign_in":
      return `${BASE}/sign-in`;
    case "invitation":
      return `${BASE}/invitation${route.to === "record" ? "/record" : ""}`;
    case "new_password":
      return `${BASE}/new-password`;
    case "forgotten_password":
      return `${BASE}/forgotten-password`;
    case "privacy":
      return `${BASE}/privacy`;
    case "account":
      return `${BASE}/account${route.part === "overview" ? "" : `/${route.part}`}`;
    case "board":
      return `${BASE}/patients`;
    case "outcomes":
      return `${BASE}/outcomes`;
    case "patient":
      return `${BASE}/patients/${route.id}${tabPath(route.tab)}`;
    case "mine":
      return `${BASE}/my-health${tabPath(route.tab)}`;
  }
}

function tabPath(tab: PatientTab): string {
  return tab === "overview" ? "" : `/${tab}`;
}

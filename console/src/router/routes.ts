/** The console's addresses: which page an address means and which address a page has. Pure; knows no history and no page. */

export const BASE = "/console";

export type PatientTab = "overview" | "readings" | "goals" | "plan" | "record";

export type Route =
  | { page: "home" }
  | { page: "sign_in" }
  | { page: "board" }
  | { page: "patient"; id: string; tab: PatientTab }
  | { page: "outcomes" }
  | { page: "mine"; tab: PatientTab }
  | { page: "unknown" };

const TABS: readonly PatientTab[] = ["overview", "readings", "goals", "plan", "record"];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The route an address means. Addresses are compared whole: nothing is guessed from a prefix. */
export function routeOf(pathname: string): Route {
  if (pathname !== BASE && !pathname.startsWith(`${BASE}/`)) return { page: "unknown" };
  const parts = pathname.slice(BASE.length).split("/").filter((part) => part !== "");
  const [first, second, third] = parts;
  if (first === undefined) return { page: "home" };
  if (parts.length === 1 && first === "sign-in") return { page: "sign_in" };
  if (parts.length === 1 && first === "patients") return { page: "board" };
  if (parts.length === 1 && first === "outcomes") return { page: "outcomes" };
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

/** The address of a route. */
export function addressOf(route: Route): string {
  switch (route.page) {
    case "home":
    case "unknown":
      return `${BASE}/`;
    case "sign_in":
      return `${BASE}/sign-in`;
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

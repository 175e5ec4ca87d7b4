/** What every page may use (the session, the API, the history), handed down once instead of imported as globals. */
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Client } from "./api/client.ts";
import type { Moves } from "./router/history.ts";
import type { Route } from "./router/routes.ts";
import type { Attendance } from "./session/attendance.ts";
import type { Checking } from "./session/checking.ts";
import type { Letter } from "./session/letter.ts";
import type { Provider } from "./session/provider.ts";
import type { Session, SessionState } from "./session/session.ts";
import type { UnderWay } from "./session/under_way.ts";

export interface Services {
  readonly session: Session;
  readonly attendance: Attendance;
  readonly checking: Checking;
  readonly api: Client;
  /** The API as somebody who is not signed in. */
  readonly door: Client;
  readonly router: Moves;
  readonly letter: Letter;
  readonly provider: Provider;
  readonly underWay: UnderWay;
}

const ServicesContext = createContext<Services | null>(null);

export const ServicesProvider = ServicesContext.Provider;

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === null) throw new Error("A page was rendered outside the application");
  return services;
}

export function useApi(): Client {
  return useServices().api;
}

export function useSessionState(): SessionState {
  const { session } = useServices();
  const [state, setState] = useState(session.state);
  useEffect(() => {
    setState(session.state);
    return session.subscribe(() => setState(session.state));
  }, [session]);
  return state;
}

/** The id of the account that is signed in; empty when nobody is. */
export function useReaderId(): string {
  const state = useSessionState();
  return state.status === "signed_in" ? state.account.id : "";
}

export function useRoute(): Route {
  const { router } = useServices();
  const [route, setRoute] = useState(router.route);
  useEffect(() => {
    setRoute(router.route);
    return router.subscribe(() => setRoute(router.route));
  }, [router]);
  return route;
}

/** What the app's own pages may use beside the console's services, handed down once. */
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Editions } from "./shell/editions.ts";
import type { ThisPhone } from "./reminders/this_phone.ts";
import type { Opened, Opening, Person } from "./session/opening.ts";
import type { OwnPhone } from "./session/own_phone.ts";

export interface AppServices {
  readonly opening: Opening;
  readonly ownPhone: OwnPhone;
  readonly editions: Editions;
  readonly thisPhone: ThisPhone;
}

const AppContext = createContext<AppServices | null>(null);

export const AppServicesProvider = AppContext.Provider;

export function useAppServices(): AppServices {
  const services = useContext(AppContext);
  if (services === null) throw new Error("A page was rendered outside the app");
  return services;
}

export function useOpened(): Opened {
  const { opening } = useAppServices();
  const [state, setState] = useState(opening.state);
  useEffect(() => {
    setState(opening.state);
    return opening.subscribe(() => setState(opening.state));
  }, [opening]);
  return state;
}

/** Whose record is open: known without a network too, where the phone keeps it. Null at the door. */
export function usePerson(): Person | null {
  const opened = useOpened();
  return opened.status === "open" ? opened.person : null;
}

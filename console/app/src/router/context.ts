/** Where one is, for the shell and the pages. */
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Where } from "./addresses.ts";
import type { AppRouter } from "./router.ts";

const RouterContext = createContext<AppRouter | null>(null);

export const RouterProvider = RouterContext.Provider;

export function useRouter(): AppRouter {
  const router = useContext(RouterContext);
  if (router === null) throw new Error("A page was rendered outside the app");
  return router;
}

export function useWhere(): Where {
  const router = useRouter();
  const [where, setWhere] = useState(router.where);
  useEffect(() => {
    setWhere(router.where);
    return router.subscribe(() => setWhere(router.where));
  }, [router]);
  return where;
}

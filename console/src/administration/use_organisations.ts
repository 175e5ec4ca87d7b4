/** All organisations, and the trees of those that the reader administers; which roles can be held at which of them. */
import { everyItem, useLoaded, type Loaded } from "../api/loading.ts";
import type { Client } from "../api/client.ts";
import type { Account, Organisation, RoleKinds } from "../api/types.ts";
import { administeredTrees, type Branch } from "../format/administration.ts";
import { useApi } from "../services.ts";

const PAGE = 200;

export interface Organisations {
  readonly trees: readonly Branch[];
  readonly byId: ReadonlyMap<string, Organisation>;
}

/** What a role can be given at. */
export interface Grantable extends Organisations {
  readonly roles: readonly RoleKinds[];
}

export function useOrganisations(account: Account): Loaded<Organisations> {
  const api = useApi();
  return useLoaded("organisations", (signal) => organisations(api, account, signal));
}

export function useGrantable(account: Account): Loaded<Grantable> {
  const api = useApi();
  return useLoaded("grantable", async (signal) => {
    const [found, roles] = await Promise.all([organisations(api, account, signal), api.get("/v1/roles", {}, signal)]);
    return { ...found, roles: roles.items };
  });
}

async function organisations(api: Client, account: Account, signal: AbortSignal): Promise<Organisations> {
  const all = await everyItem((cursor) => api.get("/v1/organisations", { query: { limit: PAGE, cursor } }, signal));
  return { trees: administeredTrees(all, account), byId: new Map(all.map((each) => [each.id, each])) };
}

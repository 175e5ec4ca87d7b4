/** All organisations, and the trees of those that the reader administers. */
import { everyItem, useLoaded, type Loaded } from "../api/loading.ts";
import type { Account, Organisation } from "../api/types.ts";
import { administeredTrees, type Branch } from "../format/administration.ts";
import { useApi } from "../services.ts";

const PAGE = 200;

export interface Organisations {
  readonly trees: readonly Branch[];
  readonly byId: ReadonlyMap<string, Organisation>;
}

export function useOrganisations(account: Account): Loaded<Organisations> {
  const api = useApi();
  return useLoaded("organisations", async (signal) => {
    const all = await everyItem((cursor) => api.get("/v1/organisations", { query: { limit: PAGE, cursor } }, signal));
    return { trees: administeredTrees(all, account), byId: new Map(all.map((each) => [each.id, each])) };
  });
}

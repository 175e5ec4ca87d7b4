/** What was done here and does not stand in the copy: what pages show beside it. Pure. */
import { isDue } from "../sync/rounds.ts";
import type { Held } from "./copy.ts";
import { nameOf, type Unsent } from "./things.ts";

/**
 * Without what the record has told back under the name that this phone gave it: shown beside the copy, one dose that was taken would
 * be both of a day. What waits for its owner stays, and what was said no to and is tried again, whatever stands there under its name.
 */
export function untold(unsent: ReadonlyMap<string, Unsent>, held: Held): ReadonlyMap<string, Unsent> {
  if (unsent.size === 0) return unsent;
  const told = new Map<Unsent["kind"], ReadonlySet<string | null>>();
  const namesOf = (kind: Unsent["kind"]): ReadonlySet<string | null> => {
    const names = told.get(kind) ?? new Set(toldOf(kind, held).map(({ client_id }) => client_id));
    told.set(kind, names);
    return names;
  };
  return new Map([...unsent].filter(([, one]) => !isDue(one) || isDenied(one) || !namesOf(one.kind).has(nameOf(one))));
}

function isDenied({ verdict }: Unsent): boolean {
  return verdict?.outcome === "refused" || verdict?.outcome === "conflict";
}

interface Named {
  readonly client_id: string | null;
}

/** All of its kind in the copy that tell the name under which they were sent. Goals do not. */
function toldOf(kind: Unsent["kind"], held: Held): readonly Named[] {
  switch (kind) {
    case "reading":
      return [...held.observations.values()];
    case "completion":
      return [...held.completions.values()];
    case "diary_entry":
      return [...held.diaryEntries.values()];
    case "questionnaire_response":
      return [...held.responses.values()];
    case "plan_acknowledgement":
      return [...held.actionPlans.values()].flatMap(({ acknowledgements }) => acknowledgements);
    default:
      return [];
  }
}

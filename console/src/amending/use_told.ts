/** What is told of a record while its list of readings is open; forgotten when the list is loaded anew. */
import { useCallback, useEffect, useState } from "preact/hooks";
import type { Observation } from "../api/types.ts";
import type { RecordLive } from "../live/use_record_live.ts";
import { NOTHING_TOLD, withTold, type ToldOf } from "./told.ts";

export interface Told {
  readonly told: ToldOf;
  readonly take: (observation: Observation) => void;
  readonly forget: () => void;
}

/** `concerns`: whether the list would show it. */
export function useTold(subscribe: RecordLive["subscribe"], sign: string): Told {
  const [told, setTold] = useState(NOTHING_TOLD);
  const take = useCallback(
    (observation: Observation) => {
      if (sign === "" || observation.sign === sign) setTold((before) => withTold(before, observation));
    },
    [sign],
  );
  const forget = useCallback(() => setTold(NOTHING_TOLD), []);
  useEffect(() => {
    forget();
    return subscribe(take);
  }, [subscribe, take, forget]);
  return { told, take, forget };
}

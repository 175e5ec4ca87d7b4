/** Which day it is, by the days as the person lives them. */
import { dayIn, HOME } from "../days/instants.ts";
import { useCopy } from "../store/hooks.ts";

/** How to ask for the day (YYYY-MM-DD) by this phone's clock: in the zone that was chosen for it, or London's without a copy. */
export function useToday(): () => string {
  const copy = useCopy();
  return () => dayIn(copy ?? { timeZone: HOME }, Date.now());
}

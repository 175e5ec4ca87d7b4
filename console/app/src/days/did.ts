/** What of the things that are not sent yet was done of actions, and what was recorded of what plans ask for. Pure. */
import { nameOf, type Unsent } from "../store/things.ts";
import type { Did, Since } from "./due.ts";
import { recordedOf } from "./recorded.ts";

/** All that a day's list is held against, beside the copy's own completions. */
export function sinceOf(copy: Parameters<typeof recordedOf>[0], unsent: readonly Unsent[]): Since {
  return { did: didUnsent(unsent), recorded: recordedOf(copy, unsent) };
}

/** Actions done or skipped on this phone and not sent. What was refused was not done, as far as the record goes. */
function didUnsent(unsent: readonly Unsent[]): Did[] {
  return unsent.flatMap((one): Did[] =>
    one.kind === "completion" && one.state !== "refused"
      ? [{ actionId: one.body.action_id, at: Date.parse(one.body.done_at), skipped: one.body.skipped ?? null, isSent: false, tick: { clientId: nameOf(one), id: null, by: null } }]
      : [],
  );
}

/** That a draft of one's care and support plan, which somebody else wrote, waits for one's word: nothing else tells of it. */
import { Part } from "../pieces/panels.tsx";
import { To } from "../router/to.tsx";
import type { Copy } from "../store/copy.ts";
import { useWords } from "../words/use_words.ts";
import { byWhom } from "./in_force.tsx";
import { standingOf } from "./standing.ts";

export function WaitingDraft({ copy }: { copy: Copy }) {
  const words = useWords();
  const draft = standingOf(copy.carePlans.values()).drafts.find(({ drafted_as }) => drafted_as !== "self");
  if (draft === undefined) return null;
  return (
    <Part title={words.say("care.waits")}>
      <p>{byWhom("care.drafted", draft.drafted_as, draft.drafted_at, words)}</p>
      <p>
        <To page="care_plan">{words.say("care.waits_read")}</To>
      </p>
    </Part>
  );
}

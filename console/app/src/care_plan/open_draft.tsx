/** A draft that could take the place of the version in force: what it would change, and agreeing to it or declining it. */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { Area, FaultSummary } from "../pieces/fields.tsx";
import type { FieldFault } from "../pieces/faults.ts";
import { useNetwork } from "../store/hooks.ts";
import type { CarePlan } from "../store/things.ts";
import { useWords } from "../words/use_words.ts";
import type { Deeds, Failing } from "./deeds.ts";
import { byWhom, whoseWords } from "./in_force.tsx";
import { changesOf, needsTeam, type Change } from "./standing.ts";

interface Props {
  draft: CarePlan;
  inForce: CarePlan | null;
  deeds: Deeds;
  onTold: (what: "care.agreed" | "care.declined" | Failing) => void;
}

export function OpenDraft({ draft, inForce, deeds, onTold }: Props) {
  const words = useWords();
  const { say } = words;
  const changes = changesOf(draft, inForce);
  return (
    <article class="ta-card" data-draft={draft.id}>
      <h3 class="nhsuk-heading-s">
        <strong class="nhsuk-tag nhsuk-tag--white">{say("care.draft")}</strong>
      </h3>
      <p>
        {byWhom("care.drafted", draft.drafted_as, draft.drafted_at, words)} {say("care.draft_review", { date: words.date(draft.review_on) })}
      </p>
      <h4 class="nhsuk-heading-xs">{say("care.would_change")}</h4>
      {changes.length === 0 && <p>{say("care.would_change_nothing")}</p>}
      {changes.map((change) => (
        <OneChange key={change.section} change={change} />
      ))}
      {inForce !== null && changes.length > 0 && <p>{say("care.rest_stays")}</p>}
      {needsTeam(draft, changes) && <p class="ta-told">{say("care.team_first")}</p>}
      <Answer draft={draft} deeds={deeds} onTold={onTold} mayAgree={!needsTeam(draft, changes)} />
    </article>
  );
}

function OneChange({ change: { section, was, becomes } }: { change: Change }) {
  const words = useWords();
  const { say } = words;
  return (
    <div class="nhsuk-inset-text" data-change={section}>
      <h5 class="nhsuk-heading-xs">{words.named("care.section", section)}</h5>
      {was !== null && (
        <p class="ta-words">
          <span class="ta-note">{say("care.now_here")}</span> {was.text}
        </p>
      )}
      {becomes === null ? (
        <p>
          <strong>{say("care.taken_out")}</strong>
        </p>
      ) : (
        <>
          <p class="ta-words">
            <strong>{say(was === null ? "care.new_here" : "care.would_say")}</strong> {becomes.text}
          </p>
          <p class="ta-note">{whoseWords(becomes, words)}</p>
        </>
      )}
    </div>
  );
}

function Answer({ draft, deeds, onTold, mayAgree }: Omit<Props, "inForce"> & { mayAgree: boolean }) {
  const { say } = useWords();
  const { online } = useNetwork();
  const [isDeclining, setDeclining] = useState(false);
  if (!online) return <p class="ta-told">{say("common.needs_network")}</p>;
  const leave = say(draft.drafted_as === "self" ? "care.take_back" : "care.decline");
  const decline = async (reason: string): Promise<void> => onTold((await deeds.decline(draft, reason)) ?? "care.declined");
  if (isDeclining) return <Why id={`why-${draft.id}`} deed={leave} isBusy={deeds.isBusy} onSay={(reason) => void decline(reason)} onLeave={() => setDeclining(false)} />;
  return (
    <div class="ta-buttons">
      {mayAgree && (
        <button type="button" class="nhsuk-button" disabled={deeds.isBusy} onClick={() => void deeds.agree(draft).then((failing) => onTold(failing ?? "care.agreed"))}>
          {say("care.agree")}
        </button>
      )}
      <button type="button" class="nhsuk-button nhsuk-button--secondary" disabled={deeds.isBusy} onClick={() => setDeclining(true)}>
        {leave}
      </button>
    </div>
  );
}

interface WhyProps {
  id: string;
  deed: string;
  isBusy: boolean;
  onSay: (reason: string) => void;
  onLeave: () => void;
}

function Why({ id, deed, isBusy, onSay, onLeave }: WhyProps) {
  const { say } = useWords();
  const [reason, setReason] = useState("");
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const found = reason.trim();
    if (found === "") return setFaults([{ field: id, message: say("care.why_missing") }]);
    onSay(found);
  };
  return (
    <form onSubmit={submit} noValidate>
      <FaultSummary faults={faults} />
      <Area id={id} label={say("care.why")} hint={say("care.why_hint")} value={reason} onValue={setReason} faults={faults} maxLength={1000} />
      <div class="ta-buttons">
        <button type="submit" class="nhsuk-button" disabled={isBusy}>
          {deed}
        </button>
        <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={onLeave}>
          {say("common.cancel")}
        </button>
      </div>
    </form>
  );
}

/** One's care and support plan, from the phone's copy: the one in force, drafts that wait, earlier ones; `care-plan/write` to write. */
import { useState } from "preact/hooks";
import { PageHeading } from "#console/components/heading.tsx";
import { useDeeds, type Deeds, type Failing } from "../care_plan/deeds.ts";
import { InForce } from "../care_plan/in_force.tsx";
import { OpenDraft } from "../care_plan/open_draft.tsx";
import { standingOf, type Standing } from "../care_plan/standing.ts";
import { WritePlan } from "../care_plan/write.tsx";
import { DonePanel, Part, WhereToTurn } from "../pieces/panels.tsx";
import { useWholeCopy } from "../pieces/use_whole_copy.ts";
import { useRouter } from "../router/context.ts";
import { To } from "../router/to.tsx";
import type { Copy } from "../store/copy.ts";
import type { CarePlan } from "../store/things.ts";
import { useWords } from "../words/use_words.ts";
import type { PageProps } from "./page.ts";

const WRITE = "write";
type Done = "care.agreed" | "care.declined" | "care.drafted_done";

export function CarePlanPage({ rest: [part] }: PageProps) {
  const { say } = useWords();
  const copy = useWholeCopy();
  const patientId = copy?.patient?.id;
  return (
    <>
      <To page={part === WRITE ? "care_plan" : "plan"} class="nhsuk-back-link">
        {say(part === WRITE ? "care.title" : "plan.title")}
      </To>
      <PageHeading key={part} title={say(part === WRITE ? "care.write" : "care.title")} />
      {copy === undefined || patientId === undefined ? <p class="ta-told">{say("common.no_copy")}</p> : <Plan copy={copy} patientId={patientId} isWriting={part === WRITE} />}
      <WhereToTurn />
    </>
  );
}

function Plan({ copy, patientId, isWriting }: { copy: Copy; patientId: string; isWriting: boolean }) {
  const { say } = useWords();
  const router = useRouter();
  const deeds = useDeeds(patientId);
  const [told, setTold] = useState<{ what: Done | Failing; turn: number } | null>(null);
  const tell = (what: Done | Failing): void => setTold((before) => ({ what, turn: (before?.turn ?? 0) + 1 }));
  const standing = standingOf(copy.carePlans.values(), deeds.heard.values());
  if (isWriting) {
    const done = (): void => {
      tell("care.drafted_done");
      router.go("care_plan");
    };
    return <WritePlan key={standing.inForce?.id} inForce={standing.inForce} deeds={deeds} onDone={done} />;
  }
  return (
    <>
      {told !== null && <WhatCame key={told.turn} what={told.what} />}
      <Shown standing={standing} copy={copy} deeds={deeds} onTold={tell} />
      <p>
        <To page="care_plan" rest={[WRITE]} class="nhsuk-button nhsuk-button--secondary ta-wide">
          {say(standing.inForce === null ? "care.write_first" : "care.write")}
        </To>
      </p>
      {standing.former.length > 0 && <Former plans={standing.former} />}
    </>
  );
}

function WhatCame({ what }: { what: Done | Failing }) {
  const { say } = useWords();
  if (what === "care.agreed" || what === "care.declined" || what === "care.drafted_done") {
    return (
      <DonePanel title={say("care.title")}>
        <p>{say(what)}</p>
      </DonePanel>
    );
  }
  return (
    <p class="ta-told" role="alert">
      {say(what)}
    </p>
  );
}

interface ShownProps {
  standing: Standing;
  copy: Copy;
  deeds: Deeds;
  onTold: (what: Done | Failing) => void;
}

/** The one to act by comes first: whoever looks in a hurry is not to take a draft for it. */
function Shown({ standing: { inForce, drafts }, copy, deeds, onTold }: ShownProps) {
  const { say } = useWords();
  return (
    <>
      {inForce === null && <p>{say("care.none")}</p>}
      {inForce === null && <p>{say("care.what")}</p>}
      {drafts.length > 0 && (
        <p>
          <strong class="nhsuk-tag nhsuk-tag--yellow">{say("care.draft_waits", { count: drafts.length })}</strong>
        </p>
      )}
      {inForce !== null && <InForce plan={inForce} copy={copy} />}
      {drafts.length > 0 && (
        <Part title={say("care.drafts")}>
          {drafts.map((draft) => (
            <OpenDraft key={draft.id} draft={draft} inForce={inForce} deeds={deeds} onTold={onTold} />
          ))}
        </Part>
      )}
    </>
  );
}

/** What was in force before, crossed out: nobody is to act by it. */
function Former({ plans }: { plans: readonly CarePlan[] }) {
  const words = useWords();
  const { say } = words;
  return (
    <details class="nhsuk-details">
      <summary class="nhsuk-details__summary">
        <span class="nhsuk-details__summary-text">{say("care.former")}</span>
      </summary>
      <div class="nhsuk-details__text">
        {plans.map(({ id, version, superseded_at, sections }) => (
          <section key={id}>
            <h3 class="nhsuk-heading-s">
              {superseded_at === null ? say("care.former_number", { number: version ?? 0 }) : say("care.former_version", { number: version ?? 0, date: words.date(superseded_at) })}
            </h3>
            {sections.map((each) => (
              <p key={each.section} class="ta-words">
                {words.named("care.section", each.section)}: <s>{each.text}</s>
              </p>
            ))}
          </section>
        ))}
      </div>
    </details>
  );
}

/** That a reading was recorded, and that nobody is told; with the way to put it right while the slip is still seen. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Observation } from "../api/types.ts";
import { AmendDialogue } from "../amending/amend_dialogue.tsx";
import { amendableOf, readingInWords, type Amendable } from "../amending/amendment.ts";
import { useFocusOnShow } from "../components/use_focus_on_show.ts";
import { WhereToTurn } from "../components/where_to_turn.tsx";
import type { Stands } from "./sending.ts";

interface Props {
  patientId: string;
  stands: Stands | null;
  words: string;
  own: boolean;
  again: () => void;
  onward: ComponentChildren;
}

export function Recorded({ patientId, stands, words, own, again, onward }: Props) {
  const [amended, setAmended] = useState<Observation | null>(null);
  if (amended !== null && amended.status === "entered-in-error") {
    return <Panel key={amended.id} title="Taken back" words={readingInWords(amended)} withdrawn after={<Again again={again} onward={onward} />} />;
  }
  const reading = amended ?? (stands === null ? null : amendableOf(stands));
  return (
    <Panel
      key={amended?.id ?? ""}
      title={amended === null ? "Recorded" : "Put right"}
      words={amended === null ? words : readingInWords(amended)}
      after={
        <>
          <p>Nobody is told of it: whoever looks at the record sees it.</p>
          <WhereToTurn own={own} />
          {reading !== null && <PuttingRight patientId={patientId} reading={reading} own={own} onDone={setAmended} />}
          <Again again={again} onward={onward} />
        </>
      }
    />
  );
}

interface PanelProps {
  title: string;
  words: string;
  withdrawn?: boolean;
  after: ComponentChildren;
}

function Panel({ title, words, withdrawn = false, after }: PanelProps) {
  const heading = useFocusOnShow();
  return (
    <div class="nhsuk-notification-banner nhsuk-notification-banner--success tw-form" role="region" aria-labelledby="recorded">
      <div class="nhsuk-notification-banner__header">
        <h2 class="nhsuk-notification-banner__title" id="recorded" tabIndex={-1} ref={heading}>
          {title}
        </h2>
      </div>
      <div class="nhsuk-notification-banner__content">
        <p class="nhsuk-notification-banner__heading">{withdrawn ? <s>{words}</s> : words}</p>
        {after}
      </div>
    </div>
  );
}

interface RightProps {
  patientId: string;
  reading: Amendable;
  own: boolean;
  onDone: (stands: Observation) => void;
}

function PuttingRight({ patientId, reading, own, onDone }: RightProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <p>
        Is it not what you meant?{" "}
        <button type="button" class="tw-link-button" onClick={() => setOpen(true)}>
          Put it right
        </button>
      </p>
      {open && <AmendDialogue patientId={patientId} reading={reading} own={own} justRecorded onDone={onDone} onLeave={() => setOpen(false)} />}
    </>
  );
}

function Again({ again, onward }: { again: () => void; onward: ComponentChildren }) {
  return (
    <>
      <p>
        <button type="button" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" onClick={again}>
          Record another
        </button>
      </p>
      {onward}
    </>
  );
}

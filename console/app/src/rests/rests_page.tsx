/** Letting one's plans rest for a holiday, a stay in hospital or an illness, and in which time zone one's days are. Asked of the API at once. */
import { useState } from "preact/hooks";
import { PageHeading } from "#console/components/heading.tsx";
import { dayIn } from "../days/instants.ts";
import { DonePanel, OnlineOnly, WhereToTurn } from "../pieces/panels.tsx";
import { useNow } from "../pieces/use_now.ts";
import { useWholeCopy } from "../pieces/use_whole_copy.ts";
import { To } from "../router/to.tsx";
import type { Copy } from "../store/copy.ts";
import { useDoing } from "../store/hooks.ts";
import { useWords } from "../words/use_words.ts";
import { PauseForm } from "./pause_form.tsx";
import { Pauses } from "./pauses.tsx";
import { TimeZone } from "./time_zone.tsx";

export function RestsPage() {
  const { say } = useWords();
  const copy = useWholeCopy();
  const patientId = copy?.patient?.id;
  return (
    <>
      <To page="settings" class="nhsuk-back-link">
        {say("common.back")}
      </To>
      <PageHeading title={say("rests.title")} />
      {copy === undefined || patientId === undefined ? <p class="ta-told">{say("common.no_copy")}</p> : <Rests copy={copy} patientId={patientId} />}
      <WhereToTurn />
    </>
  );
}

function Rests({ copy, patientId }: { copy: Copy; patientId: string }) {
  const { say } = useWords();
  const { syncNow } = useDoing();
  const [done, setDone] = useState<{ words: string; turn: number } | null>(null);
  const today = dayIn(copy, useNow());
  const tell = (words: string): void => {
    setDone((before) => ({ words, turn: (before?.turn ?? 0) + 1 }));
    void syncNow();
  };
  return (
    <>
      {done !== null && (
        <DonePanel key={done.turn} title={say("rests.title")}>
          <p>{done.words}</p>
        </DonePanel>
      )}
      <p>{say("rests.what")}</p>
      <p class="ta-told">{say("rests.not_advice")}</p>
      <OnlineOnly>
        <Pauses pauses={[...copy.pauses.values()]} plans={copy.actionPlans} today={today} patientId={patientId} onDone={tell} />
        <PauseForm key={done?.turn ?? 0} today={today} patientId={patientId} onDone={tell} />
        <TimeZone patientId={patientId} onDone={tell} />
      </OnlineOnly>
    </>
  );
}

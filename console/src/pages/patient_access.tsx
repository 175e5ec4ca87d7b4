/** Who has access to a patient's record, for the clinicians who answer for it; and inviting the patient to it themself. */
import { useMemo, useState } from "preact/hooks";
import { PatientInvitations } from "../administration/patient_invitations.tsx";
import { useLoaded, useLoadedOnReturn } from "../api/loading.ts";
import type { PatientDetail } from "../api/types.ts";
import { Disputes } from "../components/disputes.tsx";
import { Done } from "../components/done.tsx";
import { NoLongerSeen } from "../components/no_longer_seen.tsx";
import { PatientBanner } from "../components/patient_banner.tsx";
import { LoadFailed, Loading, NothingHere } from "../components/problem.tsx";
import { Section } from "../components/section.tsx";
import { accessOf, RecordTabs } from "../components/tabs.tsx";
import { useDone } from "../components/use_done.ts";
import { plainName } from "../format/people.ts";
import type { Whose } from "../format/sharing.ts";
import { useLive, type Loaded } from "../live/use_live.ts";
import { useApi } from "../services.ts";
import { AccessLog } from "../sharing/access_log.tsx";
import { WhoCares } from "../sharing/caring.tsx";
import { Choices } from "../sharing/choices.tsx";
import { Delegates } from "../sharing/delegates.tsx";
import { LawForm } from "../sharing/law_form.tsx";
import { useDelegates } from "../sharing/use_delegates.ts";

export function PatientAccessPage({ id }: { id: string }) {
  const api = useApi();
  const loaded = useLoaded(`access ${id}`, (signal) => api.get("/v1/patients/{patient_id}", { path: { patient_id: id } }, signal));
  useLoadedOnReturn(loaded);
  if (loaded.status === "loading") return <Loading what="who has access" />;
  if (loaded.status === "failed") return <LoadFailed what="Who has access" error={loaded.error} retry={loaded.retry} />;
  if (accessOf(loaded.value) === undefined) return <NothingHere />;
  return <Watched key={id} patient={loaded.value} />;
}

/** No reading is shown here. */
const NO_READINGS: Loaded = new Map();

/** Watched for as long as it is open, so that it is taken off the screen in the moment in which access ends. */
function Watched({ patient }: { patient: PatientDetail }) {
  const live = useLive(useMemo(() => [patient.id], [patient.id]), NO_READINGS);
  if (live.gone.has(patient.id) || live.ending === "forbidden") return <NoLongerSeen />;
  return <Access patient={patient} />;
}

function Access({ patient }: { patient: PatientDetail }) {
  const [done, say] = useDone();
  const delegates = useDelegates(patient.id);
  const whose: Whose = { own: false, name: plainName(patient) };
  const isPractice = patient.bases.includes("practice");
  // Who cares for them follows from what they decide.
  const [decisions, setDecisions] = useState(0);
  const decided = (words: string): void => {
    setDecisions((count) => count + 1);
    say(words);
  };
  return (
    <>
      <PatientBanner patient={patient} part="Who has access" />
      <Disputes disputes={patient.disputes ?? []} />
      <RecordTabs current={null} to={(tab) => ({ page: "patient", id: patient.id, tab })} access={accessOf(patient)} />
      {done !== null && <Done {...done} />}
      <Section id="own-account" title="Their own account">
        <PatientInvitations patient={patient} onChanged={say} />
      </Section>
      <Section id="acting" title="Who acts for them">
        <Delegates patientId={patient.id} whose={whose} mayEnd={isPractice} onEnded={say} delegates={delegates} />
        {isPractice && <ByLaw patient={patient} onRecorded={delegates.reload} />}
      </Section>
      <Section id="caring" title="Who cares for them">
        <WhoCares key={decisions} patientId={patient.id} whose={whose} />
      </Section>
      <Section id="decided" title="What they have decided">
        <Choices patientId={patient.id} whose={whose} by={isPractice ? "practice" : "nobody"} onDecided={decided} delegates={delegates} />
      </Section>
      {isPractice && (
        <Section id="looked" title="Who has looked">
          <AccessLog patientId={patient.id} whose={whose} />
        </Section>
      )}
    </>
  );
}

function ByLaw({ patient, onRecorded }: { patient: PatientDetail; onRecorded: () => void }) {
  return (
    <details class="nhsuk-details">
      <summary class="nhsuk-details__summary">
        <span class="nhsuk-details__summary-text">Record somebody who acts by law</span>
      </summary>
      <div class="nhsuk-details__text">
        <LawForm form="law" patientId={patient.id} patientName={plainName(patient)} known={null} onRecorded={onRecorded} />
      </div>
    </details>
  );
}

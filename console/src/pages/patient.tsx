/** One person's record for those who care for them. One live connection for all its parts; moving between them keeps it. */
import { useLoaded } from "../api/loading.ts";
import type { Patient } from "../api/types.ts";
import { ActionPlans } from "../components/action_plans.tsx";
import { ConnectionBar } from "../components/connection_bar.tsx";
import { Goals } from "../components/goals.tsx";
import { PageHeading } from "../components/heading.tsx";
import { Link } from "../components/link.tsx";
import { LiveContext } from "../components/live_context.ts";
import { Overview } from "../components/overview.tsx";
import { PatientBanner } from "../components/patient_banner.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { ReadingsTable } from "../components/readings_table.tsx";
import { partInWords, RecordTabs } from "../components/tabs.tsx";
import { useRecordLive } from "../live/use_record_live.ts";
import type { PatientTab } from "../router/routes.ts";
import { RecordForm } from "../recording/record_form.tsx";
import { useApi } from "../services.ts";

export function PatientPage({ id, tab }: { id: string; tab: PatientTab }) {
  const api = useApi();
  const patient = useLoaded(id, (signal) => api.get("/v1/patients/{patient_id}", { path: { patient_id: id } }, signal));
  if (patient.status === "loading") return <Loading what="the record" />;
  if (patient.status === "failed") return <LoadFailed what="The record" error={patient.error} retry={patient.retry} />;
  return <Record key={id} patient={patient.value} tab={tab} />;
}

function Record({ patient, tab }: { patient: Patient; tab: PatientTab }) {
  const record = useRecordLive(patient.id);
  if (record.live.gone.has(patient.id)) return <NoLongerSeen />;
  return (
    <LiveContext.Provider value={record.live.facts}>
      <PatientBanner key={tab} patient={patient} part={partInWords(tab)} />
      <ConnectionBar failed={record.failed !== null} />
      <RecordTabs current={tab} to={(to) => ({ page: "patient", id: patient.id, tab: to })} />
      {tab === "overview" && <Overview patientId={patient.id} record={record} />}
      {tab === "readings" && <ReadingsTable patientId={patient.id} signs={record.signs?.keys() ?? []} self="The patient" />}
      {tab === "goals" && <Goals changes={record.planChanges} patientId={patient.id} none="No goals have been set." />}
      {tab === "plan" && <ActionPlans changes={record.planChanges} patientId={patient.id} canComplete none="There is no action plan in force." />}
      {tab === "record" && (
        <>
          <h2 class="nhsuk-heading-m">Record a reading</h2>
          <RecordForm patientId={patient.id} own={false} onward={<Link to={{ page: "patient", id: patient.id, tab: "overview" }}>Back to the overview</Link>} />
        </>
      )}
    </LiveContext.Provider>
  );
}

/** Access ended while the page was open: nothing of the record stays on the screen, the name included. */
function NoLongerSeen() {
  return (
    <>
      <PageHeading title="No longer yours to see" />
      <p>Your access to this record has ended, so it was taken off the screen.</p>
      <p>
        <Link to={{ page: "board" }}>Go to your patients</Link>
      </p>
    </>
  );
}

/** One person's record for those who care for them. One live connection for all its parts; moving between them keeps it. */
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { useLoaded } from "../api/loading.ts";
import type { BreakGlass, Patient, PatientDetail } from "../api/types.ts";
import { ActionPlans } from "../components/action_plans.tsx";
import { ConnectionBar } from "../components/connection_bar.tsx";
import { Disputes } from "../components/disputes.tsx";
import { EmergencyBanner } from "../components/emergency_banner.tsx";
import { Goals } from "../components/goals.tsx";
import { PageHeading } from "../components/heading.tsx";
import { Link } from "../components/link.tsx";
import { LiveContext } from "../components/live_context.ts";
import { Overview } from "../components/overview.tsx";
import { PatientBanner } from "../components/patient_banner.tsx";
import { NoLongerSeen } from "../components/no_longer_seen.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { ReadingsTable } from "../components/readings_table.tsx";
import { accessOf, partInWords, RecordTabs } from "../components/tabs.tsx";
import { useRecordLive } from "../live/use_record_live.ts";
import { useTimeOver } from "../live/use_time_over.ts";
import type { PatientTab, Route } from "../router/routes.ts";
import { RecordForm } from "../recording/record_form.tsx";
import { useApi, useServices } from "../services.ts";

export function PatientPage({ id, tab }: { id: string; tab: PatientTab }) {
  const api = useApi();
  const patient = useLoaded(id, (signal) => api.get("/v1/patients/{patient_id}", { path: { patient_id: id } }, signal));
  if (patient.status === "loading") return <Loading what="the record" />;
  if (patient.status === "failed") return <LoadFailed what="The record" error={patient.error} retry={patient.retry} />;
  const { bases } = patient.value;
  const ownPlace = ownPlaceOf(patient.value);
  if (ownPlace !== null) return <Elsewhere to={ownPlace} />;
  const inEmergency = bases.length === 1 && bases[0] === "break_glass";
  return inEmergency ? <EmergencyRecord key={id} patient={patient.value} tab={tab} /> : <Record key={id} patient={patient.value} tab={tab} />;
}

/** Where somebody stands whom the reader does not care for by their work: themself, or whom they act for; null for a patient. */
function ownPlaceOf({ id, bases }: Patient): Route | null {
  if (bases.some((basis) => basis !== "self" && basis !== "delegate")) return null;
  return bases.includes("self") ? { page: "mine", tab: "overview" } : { page: "acting_for", id, tab: "overview" };
}

function Elsewhere({ to }: { to: Route }) {
  const { router } = useServices();
  useEffect(() => router.replace(to), [router]);
  return <Loading what="the record" />;
}

/** Opened in an emergency: nothing is shown before it is known until when, and nothing after. */
function EmergencyRecord({ patient, tab }: { patient: PatientDetail; tab: PatientTab }) {
  const api = useApi();
  const loaded = useLoaded(`break-glass ${patient.id}`, (signal) => api.read("/v1/break-glass", {}, signal));
  if (loaded.status === "loading") return <Loading what="the record" />;
  if (loaded.status === "failed") return <LoadFailed what="The record" error={loaded.error} retry={loaded.retry} />;
  const opened = loaded.value.value.items.find((each) => each.patient_id === patient.id);
  if (opened === undefined) return <EmergencyOver />;
  return <Timed key={opened.id} patient={patient} tab={tab} opened={opened} serverTime={loaded.value.serverTime} />;
}

interface TimedProps {
  patient: PatientDetail;
  tab: PatientTab;
  opened: BreakGlass;
  serverTime: number;
}

function Timed({ patient, tab, opened, serverTime }: TimedProps) {
  const over = useTimeOver(opened.until_at, serverTime);
  const [closed, setClosed] = useState(false);
  const close = useCallback(() => setClosed(true), []);
  if (closed || over) return <EmergencyOver />;
  const banner = <EmergencyBanner opened={opened} serverTime={serverTime} onEnded={close} />;
  return <Record patient={patient} tab={tab} emergency={banner} whenGone={<EmergencyOver />} />;
}

interface RecordProps {
  patient: PatientDetail;
  tab: PatientTab;
  /** What stands over a record opened in an emergency, which is read only. */
  emergency?: ComponentChildren;
  whenGone?: ComponentChildren;
}

function Record({ patient, tab, emergency, whenGone = <NoLongerSeen /> }: RecordProps) {
  const record = useRecordLive(patient.id);
  const readOnly = emergency !== undefined;
  // Those who may know who has access are the clinicians who care for them: nobody else answers.
  const mayAnswer = !readOnly && accessOf(patient) !== undefined;
  if (record.live.gone.has(patient.id) || record.live.ending === "forbidden") return <>{whenGone}</>;
  return (
    <LiveContext.Provider value={record.live.facts}>
      {emergency}
      <PatientBanner key={tab} patient={patient} part={partInWords(tab)} />
      <Disputes disputes={patient.disputes ?? []} />
      <ConnectionBar failed={record.failed !== null} />
      <RecordTabs current={tab} to={(to) => ({ page: "patient", id: patient.id, tab: to })} mayRecord={!readOnly} access={accessOf(patient)} />
      {tab === "overview" && <Overview patientId={patient.id} record={record} />}
      {tab === "readings" && <ReadingsTable patientId={patient.id} record={record} self="The patient" amends={readOnly ? "none" : "any"} />}
      {tab === "goals" && <Goals changes={record.planChanges} patientId={patient.id} none="No goals have been set." />}
      {tab === "plan" && (
        <ActionPlans changes={record.planChanges} patientId={patient.id} canComplete={!readOnly} team={{ canAnswer: mayAnswer }} none="There is no action plan in force." />
      )}
      {tab === "record" && (readOnly ? <p>A record that is open in an emergency can be read, not added to.</p> : <Recording patientId={patient.id} />)}
    </LiveContext.Provider>
  );
}

function Recording({ patientId }: { patientId: string }) {
  return (
    <>
      <h2 class="nhsuk-heading-m">Record a reading</h2>
      <RecordForm patientId={patientId} own={false} onward={<Link to={{ page: "patient", id: patientId, tab: "overview" }}>Back to the overview</Link>} />
    </>
  );
}

/** The time is over, or it was closed: nothing of the record stays on the screen, the name included. */
function EmergencyOver() {
  return (
    <>
      <PageHeading title="Emergency access has ended" />
      <p>The record was closed and taken off the screen. What you did with it is kept with your name.</p>
      <p>
        <Link to={{ page: "emergency" }}>Go to emergency access</Link>
      </p>
    </>
  );
}

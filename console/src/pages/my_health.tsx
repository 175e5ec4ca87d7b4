/** One's own page: how one is doing, what one set out to do, and a way to add a reading. Plain words, nothing about others. */
import type { Account } from "../api/types.ts";
import { ActionPlans } from "../components/action_plans.tsx";
import { ConnectionBar } from "../components/connection_bar.tsx";
import { Goals } from "../components/goals.tsx";
import { PageHeading } from "../components/heading.tsx";
import { Link } from "../components/link.tsx";
import { LiveContext } from "../components/live_context.ts";
import { Overview } from "../components/overview.tsx";
import { ReadingsTable } from "../components/readings_table.tsx";
import { RecordTabs } from "../components/tabs.tsx";
import { WhereToTurn } from "../components/where_to_turn.tsx";
import { useRecordLive } from "../live/use_record_live.ts";
import { RecordForm } from "../recording/record_form.tsx";
import type { PatientTab } from "../router/routes.ts";

const HEADINGS: Record<PatientTab, string> = {
  overview: "My health",
  readings: "My readings",
  goals: "My goals",
  plan: "My action plan",
  record: "Record a reading",
};

/** Where one looks for it first: beside what it is about. */
const ACCESS = { words: "Who can see it", to: { page: "sharing", part: "people" } } as const;

interface Props {
  account: Account;
  patientId: string;
  tab: PatientTab;
}

export function MyHealthPage({ account, patientId, tab }: Props) {
  const record = useRecordLive(patientId);
  return (
    <LiveContext.Provider value={record.live.facts}>
      <PageHeading key={tab} title={HEADINGS[tab]} />
      <RecordTabs current={tab} to={(to) => ({ page: "mine", tab: to })} access={ACCESS} />
      {tab === "overview" && (
        <>
          <p>
            Hello, {account.display_name}. Your care team can see these readings too, but <strong>nobody is told</strong> when you
            record one.
          </p>
          <WhereToTurn own />
          <ConnectionBar failed={record.failed !== null} />
          <Overview patientId={patientId} record={record} />
        </>
      )}
      {tab === "readings" && <ReadingsTable patientId={patientId} record={record} self="You" amends="own" own />}
      {tab === "goals" && <Goals changes={record.planChanges} patientId={patientId} none="You have no goals yet." />}
      {tab === "plan" && <ActionPlans changes={record.planChanges} patientId={patientId} canComplete none="You have no action plan at present." />}
      {tab === "record" && (
        <RecordForm patientId={patientId} own onward={<Link to={{ page: "mine", tab: "overview" }}>Back to my health</Link>} />
      )}
    </LiveContext.Provider>
  );
}

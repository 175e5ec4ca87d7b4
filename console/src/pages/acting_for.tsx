/**
 * Somebody's record for whoever acts for them: always saying for whom, offering what the scopes allow and nothing else. When
 * access ends, everything of theirs leaves the screen at once, the name too.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useLoaded, useLoadedOnReturn } from "../api/loading.ts";
import type { OwnDelegation } from "../api/types.ts";
import { ActionPlans } from "../components/action_plans.tsx";
import { ConnectionBar } from "../components/connection_bar.tsx";
import { Done } from "../components/done.tsx";
import { Goals } from "../components/goals.tsx";
import { PageHeading } from "../components/heading.tsx";
import { Link } from "../components/link.tsx";
import { LiveContext } from "../components/live_context.ts";
import { Overview } from "../components/overview.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { ReadingsTable } from "../components/readings_table.tsx";
import { Section } from "../components/section.tsx";
import { PartTabs } from "../components/tabs.tsx";
import { useDone } from "../components/use_done.ts";
import { WhereToTurn } from "../components/where_to_turn.tsx";
import { firstTabOf, mayOpenPart, partInWords, partsOf } from "../format/acting.ts";
import { plainName } from "../format/people.ts";
import { person, scopesInWords, type Whose } from "../format/sharing.ts";
import { dateAndTime } from "../format/times.ts";
import { useRecordLive } from "../live/use_record_live.ts";
import { useTimeOver } from "../live/use_time_over.ts";
import { RecordForm } from "../recording/record_form.tsx";
import type { ActingTab } from "../router/more_routes.ts";
import { useApi } from "../services.ts";
import { AccessLog } from "../sharing/access_log.tsx";
import { WhoCares } from "../sharing/caring.tsx";
import { LoadedChoices } from "../sharing/choices.tsx";
import { LoadedDelegates } from "../sharing/delegates.tsx";

export function ActingForPage({ id, tab }: { id: string; tab: ActingTab }) {
  const api = useApi();
  const loaded = useLoaded(`acting for ${id}`, (signal) => api.read("/v1/me/delegations", {}, signal));
  const reload = useLoadedOnReturn(loaded);
  if (loaded.status === "loading") return <Loading what="the record" />;
  if (loaded.status === "failed") return <LoadFailed what="The record" error={loaded.error} retry={loaded.retry} />;
  const { value, serverTime } = loaded.value;
  const delegation = value.items.find((each) => each.patient_id === id);
  if (delegation === undefined) return <NoLongerActing />;
  return <Acting key={delegation.id} delegation={delegation} serverTime={serverTime} tab={tab} recheck={() => reload?.()} />;
}

interface ActingProps {
  delegation: OwnDelegation;
  serverTime: number;
  tab: ActingTab;
  /** Ask again whether one still acts for them. */
  recheck: () => void;
}

function Acting({ delegation, serverTime, tab, recheck }: ActingProps) {
  const begun = useTimeOver(delegation.from_at, serverTime);
  const over = useTimeOver(delegation.until_at, serverTime);
  const [gone, setGone] = useState(false);
  if (over || gone) return <NoLongerActing />;
  if (!begun) return <NotYet delegation={delegation} />;
  if (!mayOpenPart(delegation.scopes, tab)) return <NotInScope delegation={delegation} />;
  const reads = delegation.scopes.includes("read");
  const inside = { delegation, tab, recheck };
  return reads ? <Watched {...inside} onGone={() => setGone(true)} /> : <Framed {...inside}>{<PartOf {...inside} />}</Framed>;
}

type Inside = Omit<ActingProps, "serverTime">;

/** With the right to read, one live connection for all parts: it also tells at once that access has ended. */
function Watched({ onGone, ...inside }: Inside & { onGone: () => void }) {
  const { delegation, tab } = inside;
  const record = useRecordLive(delegation.patient_id);
  const ended = record.live.gone.has(delegation.patient_id) || record.live.ending === "forbidden";
  useEffect(() => {
    if (ended) onGone();
  }, [ended, onGone]);
  if (ended) return <NoLongerActing />;
  const patientId = delegation.patient_id;
  const records = delegation.scopes.includes("record");
  return (
    <LiveContext.Provider value={record.live.facts}>
      <Framed {...inside}>
        {tab === "overview" && (
          <>
            <WhereToTurn own={false} />
            <ConnectionBar failed={record.failed !== null} />
            <Overview patientId={patientId} record={record} />
          </>
        )}
        {tab === "readings" && <ReadingsTable patientId={patientId} record={record} self={plainName(delegation)} amends={records ? "own" : "none"} />}
        {tab === "goals" && <Goals changes={record.planChanges} patientId={patientId} none="No goals have been set." />}
        {tab === "plan" && (
          <ActionPlans changes={record.planChanges} patientId={patientId} canComplete={records} none="There is no action plan at present." />
        )}
        <PartOf {...inside} />
      </Framed>
    </LiveContext.Provider>
  );
}

/** For whom one acts, on every part of it. */
function Framed({ delegation, tab, children }: Inside & { children: ComponentChildren }) {
  const name = plainName(delegation);
  const { patient_id: id, scopes } = delegation;
  const parts = partsOf(scopes);
  return (
    <>
      <div class="tw-banner tw-banner--acting">
        <PageHeading key={tab} title={`${partInWords(tab)}: acting for ${name}`} class="nhsuk-heading-m">
          {name}
        </PageHeading>
        <p class="tw-acting">
          You act for <strong>{name}</strong>. You may: {scopesInWords(scopes).toLocaleLowerCase("en-GB")}
          {delegation.until_at !== null && `, until ${dateAndTime(delegation.until_at)}`}. What you do here is noted in your name.
        </p>
      </div>
      {(parts.length > 0 || tab !== "record") && (
        <PartTabs label="Parts of the record" parts={parts} current={tab} to={(to) => ({ page: "acting_for", id, tab: to })}>
          {scopes.includes("record") && tab !== "record" && (
            <Link to={{ page: "acting_for", id, tab: "record" }} class="nhsuk-button nhsuk-button--small tw-record-link">
              Record a reading
            </Link>
          )}
        </PartTabs>
      )}
      {children}
    </>
  );
}

/** The parts that need no live record. */
function PartOf({ delegation, tab, recheck }: Inside) {
  const [done, say, forget] = useDone();
  useEffect(forget, [tab, forget]);
  const { patient_id: patientId, scopes } = delegation;
  const name = plainName(delegation);
  const whose: Whose = { own: false, name };
  const back = firstTabOf(scopes);
  return (
    <>
      {done !== null && <Done {...done} />}
      {tab === "record" && (
        <>
          <h2 class="nhsuk-heading-m">Record a reading for {name}</h2>
          <RecordForm
            patientId={patientId}
            own={false}
            onRefused={recheck}
            onward={
              back === null || back === "record" ? (
                <Link to={{ page: "acting" }}>Back to the people you act for</Link>
              ) : (
                <Link to={{ page: "acting_for", id: patientId, tab: back }}>Back to the overview</Link>
              )
            }
          />
        </>
      )}
      {tab === "people" && (
        <>
          <LoadedDelegates patientId={patientId} whose={whose} mayEnd={false} onEnded={say} />
          <Section id="care" title={`People who care for ${person(whose)}`}>
            <WhoCares patientId={patientId} whose={whose} />
          </Section>
        </>
      )}
      {tab === "choices" && <LoadedChoices patientId={patientId} whose={whose} onDecided={say} />}
      {tab === "looked" && <AccessLog patientId={patientId} whose={whose} />}
    </>
  );
}

function NotYet({ delegation }: { delegation: OwnDelegation }) {
  return (
    <>
      <PageHeading title="Not yet" />
      <p>
        You act for {plainName(delegation)} from {dateAndTime(delegation.from_at)} on.
      </p>
      <Back />
    </>
  );
}

function NotInScope({ delegation }: { delegation: OwnDelegation }) {
  const first = firstTabOf(delegation.scopes);
  return (
    <>
      <PageHeading title="Not part of what you may do" />
      <p>
        For {plainName(delegation)} you may: {scopesInWords(delegation.scopes).toLocaleLowerCase("en-GB")}.
      </p>
      {first !== null && (
        <p>
          <Link to={{ page: "acting_for", id: delegation.patient_id, tab: first }}>Go to what you may do</Link>
        </p>
      )}
      <Back />
    </>
  );
}

/** Nothing of theirs stays on the screen, and no word of why: that is theirs to tell. */
function NoLongerActing() {
  return (
    <>
      <PageHeading title="No longer yours to see" />
      <p>You do not act for this person, or not any more. If it was open here, it was taken off the screen.</p>
      <Back />
    </>
  );
}

function Back() {
  return (
    <p>
      <Link to={{ page: "acting" }}>Go to the people you act for</Link>
    </p>
  );
}

/** When a record was opened in an emergency: by whom, when, why and until when, and what can be done about it. Stands first. */
import { usePages } from "../api/loading.ts";
import type { EmergencyAccess } from "../api/types.ts";
import { Fact } from "../components/fact.tsx";
import { Link } from "../components/link.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { Panel, Section } from "../components/section.tsx";
import { ShowMore } from "../components/show_more.tsx";
import { reasonInWords, untilInWords } from "../format/emergency.ts";
import { possessive, type Whose } from "../format/sharing.ts";
import { dateAndTime } from "../format/times.ts";
import { useApi } from "../services.ts";

/** The latest few: whoever reads this page came for the rest as well. */
const PAGE = 3;

export function Emergencies({ patientId, whose }: { patientId: string; whose: Whose }) {
  const api = useApi();
  const pages = usePages<EmergencyAccess>(`emergencies ${patientId}`, (cursor, signal) =>
    api.get("/v1/patients/{patient_id}/emergency-accesses", { path: { patient_id: patientId }, query: { limit: PAGE, cursor } }, signal),
  );
  if (pages.items.length === 0) {
    if (pages.status === "loading") return <Loading what="emergency accesses" />;
    if (pages.status === "ready") return <p class="tw-muted">Nobody has opened {possessive(whose)} record in an emergency.</p>;
  }
  return (
    <Section id="emergencies" title="Opened in an emergency">
      <p class="tw-prose">
        In an emergency a clinician can read a record that they could not see otherwise. They have to say why, and they cannot change
        anything. Each time, the privacy officers of the practice and of where the clinician works are told, and check the reason.
      </p>
      {pages.items.map((each) => (
        <Opened key={each.id} access={each} />
      ))}
      {pages.status === "failed" && <LoadFailed what="Emergency accesses" error={pages.error} retry={pages.retry} />}
      <ShowMore pages={pages} what="emergency accesses" />
      <WhatToDo whose={whose} />
    </Section>
  );
}

function Opened({ access }: { access: EmergencyAccess }) {
  const { id, clinician, organisation, reason_code: code, reason, opened_at: at, is_open: isOpen } = access;
  return (
    <Panel
      id={`opened-${id}`}
      title={`${clinician}, ${organisation.name}`}
      level={3}
      class="tw-panel tw-look--emergency"
      data-emergency={id}
      tag={isOpen ? { words: "Open now", colour: "red" } : { words: "Closed", colour: "grey" }}
    >
      <dl class="tw-facts">
        <Fact name="Opened" value={dateAndTime(at)} />
        <Fact name={isOpen ? "Open until" : "Was open until"} value={untilInWords(access)} />
        <Fact name="Reason given" value={`${reasonInWords(code)}: ${reason}`} />
      </dl>
    </Panel>
  );
}

/** For the person; or for their practice, and whoever stands in their place. */
function WhatToDo({ whose }: { whose: Whose }) {
  if (!whose.own) {
    return (
      <p class="tw-prose">
        If you do not know why this happened, or do not think that it was right, tell the practice's privacy officer. Give them the name
        and the time above.
      </p>
    );
  }
  return (
    <p class="tw-prose">
      If you do not know why this happened, or do not think that it was right, ask your practice, and tell them the name and the time
      above. Who answers for your data, and how to complain, is under <Link to={{ page: "privacy" }}>how your data are used</Link>.
    </p>
  );
}

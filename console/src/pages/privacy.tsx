/** The privacy notice: who answers for people's data here, what they are used for, why the law allows it, for how long. For anybody. */
import { useLoaded } from "../api/loading.ts";
import type { PrivacyNotice } from "../api/types.ts";
import { DataCell, DataRow, DataTable } from "../components/data_table.tsx";
import { Fact } from "../components/fact.tsx";
import { PageHeading } from "../components/heading.tsx";
import { Link } from "../components/link.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { Section } from "../components/section.tsx";
import { capital } from "../format/sharing.ts";
import { useServices, useSessionState } from "../services.ts";

export function PrivacyPage() {
  const { door } = useServices();
  const signedOut = useSessionState().status === "signed_out";
  const notice = useLoaded("privacy notice", (signal) => door.get("/v1/privacy-notice", {}, signal));
  return (
    <>
      <PageHeading title="How your data are used" />
      {notice.status === "loading" && <Loading what="the privacy notice" />}
      {notice.status === "failed" && <LoadFailed what="The privacy notice" error={notice.error} retry={notice.retry} />}
      {notice.status === "ready" && (
        <>
          <Controller controller={notice.value.controller} />
          <Uses uses={notice.value.uses} />
          <Kept kept={notice.value.kept} />
          <YourRights />
        </>
      )}
      {signedOut && (
        <p>
          <Link to={{ page: "sign_in" }}>Sign in</Link>
        </p>
      )}
    </>
  );
}

function Controller({ controller }: Pick<PrivacyNotice, "controller">) {
  return (
    <Section id="controller" title="Who answers for them" class="tw-section tw-prose">
      {controller === null ? (
        <p>Whoever runs this installation has not said yet who answers for people's data here. Ask your practice or your employer.</p>
      ) : (
        <dl class="tw-facts">
          <Fact name="Organisation" value={controller.name} />
          <Fact name="Contact" value={controller.contact} />
          {controller.data_protection_officer !== null && <Fact name="Data protection officer" value={controller.data_protection_officer} />}
        </dl>
      )}
    </Section>
  );
}

function Uses({ uses }: Pick<PrivacyNotice, "uses">) {
  return (
    <Section id="uses" title="What they are used for" class="tw-section tw-prose">
      <p>For these, and for nothing else.</p>
      {uses.map(({ purpose, title, what, basis, special }) => (
        <div key={purpose} class="tw-panel">
          <h3 class="nhsuk-heading-s">{title}</h3>
          <p>{what}</p>
          <p class="tw-muted tw-small">
            Why the law allows it: {basis.words} UK GDPR, article {basis.article}.
          </p>
          {special !== null && (
            <p class="tw-muted tw-small">
              For data about health: {special.words} UK GDPR, article {special.article}.
            </p>
          )}
        </div>
      ))}
    </Section>
  );
}

const HEADS = ["What", "For how long", "Why"].map((name) => ({ name }));

function Kept({ kept }: Pick<PrivacyNotice, "kept">) {
  return (
    <Section id="kept" title="How long they are kept">
      <DataTable caption="How long data are kept" hideCaption heads={HEADS} class="tw-kept">
        {kept.map(({ what, how_long: howLong, why, source }) => (
          <DataRow key={what}>
            <DataCell head="What">{capital(what)}</DataCell>
            <DataCell head="For how long">{howLong}</DataCell>
            <DataCell head="Why">
              {capital(why)}
              <span class="tw-muted tw-small tw-kept__source"> {source}</span>
            </DataCell>
          </DataRow>
        ))}
      </DataTable>
    </Section>
  );
}

function YourRights() {
  return (
    <Section id="rights" title="What you can ask" class="tw-section tw-prose">
      <p>
        Who has looked at your record, a copy of everything in it, and that something be put right, erased or limited: signed in as a
        patient, under "Who can see my record". If you are not content with the answer, you can complain to the Information
        Commissioner's Office at <a href="https://ico.org.uk/make-a-complaint/">ico.org.uk/make-a-complaint</a>.
      </p>
    </Section>
  );
}

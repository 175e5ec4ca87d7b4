/** "Who can see my record": who acts for one, what one has decided, who has looked, copies and requests. One's own only. */
import { useEffect } from "preact/hooks";
import { Done } from "../components/done.tsx";
import { PageHeading } from "../components/heading.tsx";
import { Link } from "../components/link.tsx";
import { Section } from "../components/section.tsx";
import { PartTabs } from "../components/tabs.tsx";
import { useDone } from "../components/use_done.ts";
import { OWN } from "../format/sharing.ts";
import type { SharingPart } from "../router/more_routes.ts";
import { AccessLog } from "../sharing/access_log.tsx";
import { WhoCares } from "../sharing/caring.tsx";
import { LoadedChoices } from "../sharing/choices.tsx";
import { Copies } from "../sharing/copies.tsx";
import { LoadedDelegates } from "../sharing/delegates.tsx";
import { Invite } from "../sharing/invite.tsx";
import { Requests } from "../sharing/requests.tsx";

const PARTS: readonly { tab: SharingPart; words: string }[] = [
  { tab: "people", words: "Who can see it" },
  { tab: "choices", words: "Your choices" },
  { tab: "looked", words: "Who has looked" },
  { tab: "copies", words: "Copies and corrections" },
];

const HEADINGS: Record<SharingPart, string> = {
  people: "Who can see my record",
  invite: "Let somebody act for me",
  choices: "Your choices",
  looked: "Who has looked",
  copies: "Copies and corrections",
};

export function SharingPage({ patientId, part }: { patientId: string; part: SharingPart }) {
  const [done, say, forget] = useDone();
  useEffect(forget, [part, forget]);
  return (
    <>
      <PageHeading key={part} title={HEADINGS[part]} />
      <PartTabs label="Parts of who can see my record" parts={PARTS} current={part === "invite" ? "people" : part} to={(tab) => ({ page: "sharing", part: tab })} />
      {done !== null && <Done {...done} />}
      {part === "people" && <People patientId={patientId} onEnded={say} />}
      {part === "invite" && <Invite patientId={patientId} />}
      {part === "choices" && (
        <>
          <p class="tw-prose">You decide about each of these. You can change your mind at any time, and it works at once.</p>
          <LoadedChoices patientId={patientId} whose={OWN} onDecided={say} />
        </>
      )}
      {part === "looked" && (
        <AccessLog patientId={patientId} whose={OWN}>
          <h2 class="nhsuk-heading-m">Everybody who has looked</h2>
          <p class="tw-prose">
            This is everybody who opened your record or changed something in it, with what they did and why they were allowed to. What
            one person did several times on one day is one entry. If something here does not look right, ask your practice.
          </p>
        </AccessLog>
      )}
      {part === "copies" && (
        <>
          <Copies />
          <Requests onAsked={say} />
        </>
      )}
    </>
  );
}

function People({ patientId, onEnded }: { patientId: string; onEnded: (words: string) => void }) {
  return (
    <>
      <Section id="acting" title="People who act for you">
        <LoadedDelegates patientId={patientId} whose={OWN} mayEnd onEnded={onEnded} />
        <p>
          To change what somebody may do, make a new code for them: when they use it, it takes the place of what they had. You can also
          end it at any time.
        </p>
        <p>
          <Link to={{ page: "sharing", part: "invite" }} class="nhsuk-button nhsuk-button--small">
            Let somebody act for me
          </Link>
        </p>
      </Section>
      <Section id="care" title="People who care for you">
        <WhoCares patientId={patientId} whose={OWN}>
          <li>In an emergency, any clinician who gives a reason. It is checked, and you see that it happened.</li>
        </WhoCares>
        <p class="tw-prose">
          You can say no to care teams and care homes. A clinician can put you on a care team's list: the team is then named here.
        </p>
        <p>
          <Link to={{ page: "sharing", part: "choices" }}>Decide who it is shared with</Link>, or{" "}
          <Link to={{ page: "sharing", part: "looked" }}>see who has looked</Link>. Those who pay for services see numbers about groups of people
          only, and those who run accounts see no record.
        </p>
      </Section>
    </>
  );
}

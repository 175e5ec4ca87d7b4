/** Who may see one's record: who acts for one, what one has decided. Shared with the console, and asked for each time. */
import { useEffect } from "preact/hooks";
import { Done } from "#console/components/done.tsx";
import { PageHeading } from "#console/components/heading.tsx";
import { useDone } from "#console/components/use_done.ts";
import { OWN } from "#console/format/sharing.ts";
import { LoadedChoices } from "#console/sharing/choices.tsx";
import { LoadedDelegates } from "#console/sharing/delegates.tsx";
import { Invite } from "#console/sharing/invite.tsx";
import { EnglishPart, OnlineOnly, Part } from "../pieces/panels.tsx";
import { To } from "../router/to.tsx";
import { useCopy } from "../store/hooks.ts";
import { useWords } from "../words/use_words.ts";
import type { PageProps } from "./page.ts";

const INVITE = "invite";
const CHOICES = "choices";

export function DelegatesPage({ rest: [part] }: PageProps) {
  const { say } = useWords();
  const patientId = useCopy()?.patient?.id;
  const titles: Readonly<Record<string, string>> = { [INVITE]: say("people.invite"), [CHOICES]: say("people.choices") };
  return (
    <>
      {part !== undefined && (
        <To page="delegates" class="nhsuk-back-link">
          {say("people.title")}
        </To>
      )}
      <PageHeading key={part} title={titles[part ?? ""] ?? say("people.title")} />
      <OnlineOnly>{patientId === undefined ? <p>{say("common.no_copy")}</p> : <People patientId={patientId} part={part} />}</OnlineOnly>
    </>
  );
}

function People({ patientId, part }: { patientId: string; part: string | undefined }) {
  const { say } = useWords();
  const [done, tell, forget] = useDone();
  useEffect(forget, [part, forget]);
  return (
    <>
      {done !== null && (
        <div lang="en">
          <Done {...done} />
        </div>
      )}
      {part === INVITE && <EnglishPart>{<Invite patientId={patientId} />}</EnglishPart>}
      {part === CHOICES && <EnglishPart>{<LoadedChoices patientId={patientId} whose={OWN} onDecided={tell} />}</EnglishPart>}
      {part !== INVITE && part !== CHOICES && (
        <>
          <Part title={say("people.acting")}>
            <EnglishPart>{<LoadedDelegates patientId={patientId} whose={OWN} mayEnd onEnded={tell} />}</EnglishPart>
            <To page="delegates" rest={[INVITE]} class="nhsuk-button ta-wide">
              {say("people.invite")}
            </To>
          </Part>
          <ul class="ta-list">
            <li>
              <To page="delegates" rest={[CHOICES]} class="ta-list__link">
                {say("people.choices")}
              </To>
            </li>
            <li>
              <To page="looked" class="ta-list__link">
                {say("people.looked")}
              </To>
            </li>
          </ul>
        </>
      )}
    </>
  );
}

/** Everybody who has looked at one's record or changed something in it. Shared with the console, and asked for each time. */
import { PageHeading } from "#console/components/heading.tsx";
import { OWN } from "#console/format/sharing.ts";
import { AccessLog } from "#console/sharing/access_log.tsx";
import { EnglishPart, OnlineOnly } from "../pieces/panels.tsx";
import { useCopy } from "../store/hooks.ts";
import { useWords } from "../words/use_words.ts";

export function LookedPage() {
  const { say } = useWords();
  const patientId = useCopy()?.patient?.id;
  return (
    <>
      <PageHeading title={say("people.looked")} />
      <OnlineOnly>
        {patientId === undefined ? (
          <p>{say("common.no_copy")}</p>
        ) : (
          <EnglishPart>
            <AccessLog patientId={patientId} whose={OWN}>
              {null}
            </AccessLog>
          </EnglishPart>
        )}
      </OnlineOnly>
    </>
  );
}

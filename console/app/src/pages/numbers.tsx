/** One's own numbers: the newest of each sign and what they add up to; `numbers/` and a sign for all of that sign. */
import { PageHeading } from "#console/components/heading.tsx";
import { NewestReadings } from "../numbers/newest.tsx";
import { SignHistory } from "../numbers/sign_history.tsx";
import { WorkedOut } from "../numbers/worked_out.tsx";
import { Part, WhereToTurn } from "../pieces/panels.tsx";
import { useNow } from "../pieces/use_now.ts";
import { useWholeCopy } from "../pieces/use_whole_copy.ts";
import { SIGNS } from "../reference/signs.ts";
import { To } from "../router/to.tsx";
import { useWords } from "../words/use_words.ts";
import type { PageProps } from "./page.ts";

export function NumbersPage({ rest: [sign = ""] }: PageProps) {
  const words = useWords();
  const { say } = words;
  const copy = useWholeCopy();
  const now = useNow();
  const ofOne = SIGNS.has(sign);
  return (
    <>
      {ofOne && (
        <To page="numbers" class="nhsuk-back-link">
          {say("numbers.title")}
        </To>
      )}
      <PageHeading key={sign} title={ofOne ? words.named("sign", sign) : say("numbers.title")} />
      {copy === undefined && <p class="ta-told">{say("common.no_copy")}</p>}
      {copy !== undefined && ofOne && <SignHistory key={sign} copy={copy} sign={sign} />}
      {copy !== undefined && !ofOne && (
        <>
          <Part title={say("numbers.latest")}>
            <NewestReadings copy={copy} now={now} />
          </Part>
          {copy.patient !== null && <WorkedOut patientId={copy.patient.id} />}
        </>
      )}
      <WhereToTurn />
    </>
  );
}

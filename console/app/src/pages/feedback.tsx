/**
 * The Friends and Family Test of one's practice, or of one's care home: anonymous, so it is sent without the session, is not kept as a draft or among what
 * is unsent, and asks for a network.
 */
import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { clientFor } from "#console/api/client.ts";
import { Unreachable } from "#console/api/http.ts";
import { useLoaded } from "#console/api/loading.ts";
import type { components } from "#console/api/schema.gen.ts";
import { PageHeading } from "#console/components/heading.tsx";
import { useApi } from "#console/services.ts";
import type { FieldFault } from "../pieces/faults.ts";
import { Area, FaultSummary, Radios } from "../pieces/fields.tsx";
import { DonePanel, OnlineOnly, WhereToTurn } from "../pieces/panels.tsx";
import { useWholeCopy } from "../pieces/use_whole_copy.ts";
import type { Patient } from "../store/things.ts";
import { useWords } from "../words/use_words.ts";

type Experience = components["schemas"]["Experience"];

const EXPERIENCES: readonly Experience[] = ["very_good", "good", "neither", "poor", "very_poor", "dont_know"];
/** Without anybody's tokens: by them the answer would be somebody's. */
const nobody = clientFor(null);

export function FeedbackPage() {
  const { say } = useWords();
  const copy = useWholeCopy();
  const patient = copy?.patient ?? null;
  return (
    <>
      <PageHeading title={say("feedback.title")} />
      <OnlineOnly>
        {copy === undefined && <p class="ta-told">{say("common.no_copy")}</p>}
        {copy !== undefined && patient === null && <p>{say("feedback.no_practice")}</p>}
        {patient !== null && <Which patient={patient} />}
      </OnlineOnly>
      <WhereToTurn />
    </>
  );
}

/** Of the practice, or of the care home where one lives. */
function Which({ patient: { practice_id: practice, care_home: home } }: { patient: Patient }) {
  const { say } = useWords();
  const [of, setOf] = useState(practice);
  if (home === null) return <Answering key={practice} of={practice} />;
  const choices = [
    { value: practice, words: say("feedback.practice") },
    { value: home.id, words: home.name },
  ];
  return (
    <>
      <Radios id="of" label={say("feedback.of")} value={of} onValue={setOf} choices={choices} />
      <Answering key={of} of={of} />
    </>
  );
}

type Ending = "thanks" | "unsure" | "failed";

function Answering({ of }: { of: string }) {
  const { say } = useWords();
  const [experience, setExperience] = useState<Experience | "">("");
  const [comment, setComment] = useState("");
  const [isSending, setSending] = useState(false);
  const [ending, setEnding] = useState<Ending | null>(null);
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (isSending) return;
    if (experience === "") return setFaults([{ field: "experience", message: say("feedback.missing") }]);
    setFaults([]);
    setSending(true);
    setEnding(await sent(of, experience, comment.trim()));
    setSending(false);
  };
  if (ending === "thanks") return <DonePanel title={say("feedback.thanks")}>{say("feedback.not_for")}</DonePanel>;
  const choices = EXPERIENCES.map((value) => ({ value: value as string, words: say(`feedback.${value}`) }));
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <FaultSummary faults={faults} />
      <p>{say("feedback.anonymous")}</p>
      <p>{say("feedback.not_for")}</p>
      <About organisation={of} />
      <Radios id="experience" label={say("feedback.question")} value={experience} onValue={(value) => setExperience(value as Experience)} choices={choices} faults={faults} />
      <Area id="comment" label={say("common.optional", { label: say("feedback.why") })} hint={say("feedback.why_hint")} value={comment} onValue={setComment} maxLength={1000} />
      {ending !== null && (
        <p class="ta-told" role="alert">
          {say(`feedback.${ending}`)}
        </p>
      )}
      <button type="submit" class="nhsuk-button ta-wide" disabled={isSending}>
        {say("feedback.send")}
      </button>
    </form>
  );
}

function About({ organisation }: { organisation: string }) {
  const { say } = useWords();
  const api = useApi();
  const loaded = useLoaded(organisation, (signal) => api.get("/v1/organisations/{organisation_id}", { path: { organisation_id: organisation } }, signal));
  return loaded.status === "ready" ? <p>{say("feedback.about", { name: loaded.value.name })}</p> : null;
}

/** Never tried twice by itself: the API cannot know a repeat, since it knows nobody. */
async function sent(organisation: string, experience: Experience, comment: string): Promise<Ending> {
  try {
    const body = { experience, comment: comment === "" ? null : comment };
    await nobody.post("/v1/organisations/{organisation_id}/feedback", { path: { organisation_id: organisation }, body });
    return "thanks";
  } catch (error) {
    return error instanceof Unreachable ? "unsure" : "failed";
  }
}

/** Where one is signed in: each browser and app, this one marked, and a way to end the others. */
import { useDeed } from "../../api/deeds.ts";
import { usePages } from "../../api/loading.ts";
import type { OwnSession } from "../../api/types.ts";
import { AskingFirst } from "../../components/asking_first.tsx";
import { Link } from "../../components/link.tsx";
import { LoadFailed, Loading } from "../../components/problem.tsx";
import { ShowMore } from "../../components/show_more.tsx";
import { useDone } from "../../components/use_done.ts";
import { deviceInWords, lastUsed, unknownInWords } from "../../format/sessions.ts";
import { dateAndTime } from "../../format/times.ts";
import { useApi, useServices } from "../../services.ts";
import { AccountFrame } from "./frame.tsx";

const PAGE = 50;

export function SessionsPage() {
  const api = useApi();
  const pages = usePages<OwnSession>("sessions", (cursor, signal) =>
    api.get("/v1/me/sessions", { query: { limit: PAGE, cursor } }, signal),
  );
  const { checking } = useServices();
  const [done, say] = useDone();
  const ended = (words: string): void => {
    say(words);
    checking.endedOthers();
    pages.reload();
  };
  return (
    <AccountFrame title="Where you are signed in" done={done}>
      <p>
        If you do not know one of these, end it and <Link to={{ page: "account", part: "password" }}>change your password</Link>.
        Tendwell knows what each was opened on only by what it says of itself, and does not keep from where on the network you signed in.
      </p>
      {pages.status === "failed" && <LoadFailed what="Your sessions" error={pages.error} retry={pages.retry} />}
      {pages.status === "loading" && pages.items.length === 0 && <Loading what="your sessions" />}
      <ul class="tw-cards">
        {pages.items.map((one) => (
          <SessionCard key={one.id} one={one} onEnded={ended} />
        ))}
      </ul>
      <ShowMore pages={pages} what="sessions" />
      {pages.items.some((one) => !one.current) && <EndOthers onEnded={ended} />}
    </AccountFrame>
  );
}

interface EndingProps {
  /** With words for what was ended. */
  onEnded: (words: string) => void;
}

function EndOthers({ onEnded }: EndingProps) {
  const api = useApi();
  const deed = useDeed();
  const end = async (): Promise<void> => {
    const done = await deed.run("others", () => api.remove("/v1/me/sessions", {}));
    if (done !== undefined) onEnded("You are signed out everywhere else");
  };
  return (
    <AskingFirst words="End all other sessions" question="End every session but this one?" yes="End all others" deed={deed} onYes={() => void end()}>
      <p>Every other browser and app has to sign in again. What is not saved there is lost.</p>
    </AskingFirst>
  );
}

function SessionCard({ one, onEnded }: EndingProps & { one: OwnSession }) {
  const api = useApi();
  const deed = useDeed();
  const device = deviceInWords(one.device);
  const unknown = unknownInWords(one.device);
  const end = async (): Promise<void> => {
    const act = (): Promise<void> => api.remove("/v1/me/sessions/{session_id}", { path: { session_id: one.id } });
    if ((await deed.run(one.id, act)) !== undefined) onEnded(`The session on ${device} is ended`);
  };
  return (
    <li class="tw-panel" data-session={one.current ? "current" : "other"}>
      <h2 class="nhsuk-heading-s">
        {device} {one.current && <strong class="nhsuk-tag">This browser</strong>}
      </h2>
      <p>
        {one.current ? "In use now" : lastUsed(one.last_seen_at, Date.now())}. Signed in {dateAndTime(one.started_at)}. Ends on{" "}
        {dateAndTime(one.expires_at)} at the latest.
      </p>
      {unknown !== null && <p>{unknown}</p>}
      {!one.current && (
        <AskingFirst
          words="End this session"
          about={`on ${device}, signed in ${dateAndTime(one.started_at)}`}
          question={`End the session on ${device}?`}
          yes="End it"
          deed={deed}
          onYes={() => void end()}
        >
          <p>Nothing can be done with it from then on, and its screen is cleared within a minute. What is not saved there is lost.</p>
        </AskingFirst>
      )}
    </li>
  );
}

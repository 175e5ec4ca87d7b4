/** Where one is signed in: each browser and app, this one marked, and a way to end the others. */
import { useState } from "preact/hooks";
import { usePages } from "../../api/loading.ts";
import type { OwnSession } from "../../api/types.ts";
import { ErrorSummary } from "../../components/error_summary.tsx";
import { Link } from "../../components/link.tsx";
import { LoadFailed, Loading } from "../../components/problem.tsx";
import { ShowMore } from "../../components/show_more.tsx";
import { dateAndTime } from "../../format/times.ts";
import { lastUsed } from "../../format/sessions.ts";
import { useApi } from "../../services.ts";
import { AccountFrame, Done } from "./frame.tsx";
import { useDeed } from "./deed.ts";

const PAGE = 50;

export function SessionsPage() {
  const api = useApi();
  const pages = usePages<OwnSession>("sessions", (cursor, signal) =>
    api.get("/v1/me/sessions", { query: { limit: PAGE, cursor } }, signal),
  );
  const deed = useDeed();
  const [done, setDone] = useState<{ words: string } | null>(null);
  const end = async (words: string, act: () => Promise<unknown>): Promise<void> => {
    setDone(null);
    if (await deed.attempt(act)) setDone({ words });
    pages.reload();
  };
  const endOne = (one: OwnSession): Promise<void> =>
    end(`${one.device} is signed out.`, () => api.remove("/v1/me/sessions/{session_id}", { path: { session_id: one.id } }));
  const endOthers = (): Promise<void> => end("You are signed out everywhere else.", () => api.remove("/v1/me/sessions", {}));
  const others = pages.items.filter((one) => !one.current).length;
  return (
    <AccountFrame title="Where you are signed in">
      <ErrorSummary errors={deed.errors} />
      {done !== null && <Done key={done.words}>{done.words}</Done>}
      <p>
        If you do not know one of these, end it and <Link to={{ page: "account", part: "password" }}>change your password</Link>.
      </p>
      {pages.status === "failed" && <LoadFailed what="Your sessions" error={pages.error} retry={pages.retry} />}
      {pages.status === "loading" && pages.items.length === 0 && <Loading what="your sessions" />}
      <ul class="tw-cards">
        {pages.items.map((one) => (
          <SessionCard key={one.id} one={one} busy={deed.busy} onEnd={() => void endOne(one)} />
        ))}
      </ul>
      <ShowMore pages={pages} what="sessions" />
      {others > 0 && (
        <button type="button" class="nhsuk-button nhsuk-button--secondary" aria-disabled={deed.busy} onClick={() => void endOthers()}>
          Sign out everywhere else
        </button>
      )}
    </AccountFrame>
  );
}

function SessionCard({ one, busy, onEnd }: { one: OwnSession; busy: boolean; onEnd: () => void }) {
  const now = Date.now();
  return (
    <li class="tw-panel" data-session={one.current ? "current" : "other"}>
      <h2 class="nhsuk-heading-s">
        {one.device} {one.current && <strong class="nhsuk-tag">This device</strong>}
      </h2>
      <p>
        {one.current ? "In use now" : lastUsed(one.last_seen_at, now)}. Signed in {dateAndTime(one.started_at)}
        {one.kind === "app" ? ", in an app" : ""}. Ends by {dateAndTime(one.expires_at)} at the latest.
      </p>
      {!one.current && (
        <button
          type="button"
          class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
          aria-disabled={busy}
          aria-label={`End the session on ${one.device}, signed in ${dateAndTime(one.started_at)}`}
          onClick={onEnd}
        >
          End this session
        </button>
      )}
    </li>
  );
}

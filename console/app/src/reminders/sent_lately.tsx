/** What was sent in the last 30 days, by which way, and what became of it. */
import { usePages, useReloadOn } from "#console/api/loading.ts";
import { useApi } from "#console/services.ts";
import { Part } from "../pieces/panels.tsx";
import { useNow } from "../pieces/use_now.ts";
import { useWords } from "../words/use_words.ts";

const AT_ONCE = 10;

/** `turn`: another each time that something was done here that may have sent something. */
export function SentLately({ turn }: { turn: number }) {
  const words = useWords();
  const { say } = words;
  const api = useApi();
  const now = useNow();
  const pages = usePages("sent", (cursor, signal) => api.get("/v1/me/notifications/sent", { query: { cursor, limit: AT_ONCE } }, signal));
  useReloadOn(turn, pages.reload);
  return (
    <Part title={say("reminders.sent")}>
      <p class="nhsuk-hint">{say("reminders.sent.hint")}</p>
      {pages.status === "failed" && <p role="alert">{say("common.failed")}</p>}
      {pages.status === "ready" && pages.items.length === 0 && <p>{say("reminders.sent.none")}</p>}
      <ul class="ta-lines">
        {pages.items.map(({ id, kind, channel, address, state, due_at }) => (
          <li key={id}>
            <strong>{words.named("reminders.state", state)}</strong>
            <span class="ta-caption">
              {say("reminders.sent.line", { kind: say(`reminders.kind.${kind}`), way: say(`reminders.way.${channel}`), name: address })}
            </span>
            <span class="ta-caption">{words.lately(due_at, now)}</span>
          </li>
        ))}
      </ul>
      {pages.more && (
        <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={pages.loadMore}>
          {say("common.more")}
        </button>
      )}
    </Part>
  );
}

/** A copy of everything kept about oneself: asked for, watched being made, fetched once. */
import { useEffect, useState } from "preact/hooks";
import { useDeed } from "../api/deeds.ts";
import { usePages } from "../api/loading.ts";
import type { OwnExport } from "../api/types.ts";
import { DeedProblem } from "../components/asking_first.tsx";
import { saveAs } from "../components/saving.ts";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { Section } from "../components/section.tsx";
import { ShowMore } from "../components/show_more.tsx";
import { blocksAnother, exportInWords, isUnderWay } from "../format/rights.ts";
import { dateAndTime } from "../format/times.ts";
import { useApi } from "../services.ts";

const PAGE = 10;
const ASK_AGAIN_MS = 2_000;

export function Copies() {
  const api = useApi();
  const pages = usePages<OwnExport>("exports", (cursor, signal) => api.get("/v1/me/exports", { query: { limit: PAGE, cursor } }, signal));
  const { reload } = pages;
  const [newest] = pages.items;
  const another = pages.status === "ready" && (newest === undefined || !blocksAnother(newest));
  return (
    <Section id="copies" title="A copy of everything">
      <p class="tw-prose">
        You can have a copy of all that Tendwell keeps about you: readings, goals, plans, visits, choices, who acted for you and who
        looked. It is one ZIP file with a page to read (HTML) and the same as data for other programs (JSON). Whoever has the file has
        your whole record: keep it where only you can open it.
      </p>
      {another && <AskForCopy onAsked={reload} />}
      {pages.items.length > 0 && (
        <ul class="tw-cards">
          {pages.items.map((each) => (
            <Copy key={each.id} copy={each} onChanged={reload} />
          ))}
        </ul>
      )}
      {pages.items.length === 0 && pages.status === "loading" && <Loading what="your copies" />}
      {pages.status === "failed" && <LoadFailed what="Your copies" error={pages.error} retry={pages.retry} />}
      <ShowMore pages={pages} what="copies" />
    </Section>
  );
}

function AskForCopy({ onAsked }: { onAsked: () => void }) {
  const api = useApi();
  const deed = useDeed();
  const ask = async (): Promise<void> => {
    if ((await deed.run("copy", (key) => api.post("/v1/me/exports", {}, { key }))) !== undefined) onAsked();
  };
  return (
    <div>
      <button type="button" class="nhsuk-button" aria-disabled={deed.busy} onClick={() => void ask()}>
        {deed.busy ? "One moment…" : "Ask for a copy"}
      </button>
      <DeedProblem deed={deed} />
    </div>
  );
}

/** One copy; while it is being made it asks how far it is. */
function Copy({ copy: listed, onChanged }: { copy: OwnExport; onChanged: () => void }) {
  const copy = useProgress(listed, onChanged);
  return (
    <li class="tw-panel">
      <h3 class="nhsuk-heading-xs">Asked for {dateAndTime(copy.asked_at)}</h3>
      <p role="status">{exportInWords(copy)}</p>
      {copy.state === "working" && <progress class="tw-way__bar" max={copy.sections} value={copy.done} aria-label="Parts gathered" />}
      {copy.state === "ready" && <Fetch id={copy.id} onFetched={onChanged} />}
    </li>
  );
}

function useProgress(listed: OwnExport, onChanged: () => void): OwnExport {
  const api = useApi();
  const [told, setTold] = useState(listed);
  useEffect(() => setTold(listed), [listed]);
  const waiting = isUnderWay(told);
  useEffect(() => {
    if (!waiting) return undefined;
    const leaving = new AbortController();
    const ask = async (): Promise<void> => {
      const now = await api.get("/v1/me/exports/{export_id}", { path: { export_id: listed.id } }, leaving.signal);
      setTold(now);
      if (!isUnderWay(now)) onChanged();
    };
    // A failure is no news: the next turn asks again.
    const timer = setInterval(() => void ask().catch(() => undefined), ASK_AGAIN_MS);
    return () => {
      clearInterval(timer);
      leaving.abort();
    };
  }, [waiting, api, listed.id, onChanged]);
  return told;
}

function Fetch({ id, onFetched }: { id: string; onFetched: () => void }) {
  const api = useApi();
  const deed = useDeed();
  const fetchIt = async (): Promise<void> => {
    const done = await deed.run(id, () => api.file("/v1/me/exports/{export_id}/file", { path: { export_id: id } }, "application/zip"));
    if (done === undefined) return;
    saveAs(done.value, "your-record.zip");
    onFetched();
  };
  return (
    <>
      <button type="button" class="nhsuk-button nhsuk-button--small" aria-disabled={deed.busy} onClick={() => void fetchIt()}>
        {deed.busy ? "Fetching…" : "Download the copy (ZIP)"}
      </button>
      <DeedProblem deed={deed} />
    </>
  );
}

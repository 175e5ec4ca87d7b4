/** Every reading of one person, latest first, page by page; what was put right since stays in it, crossed out. */
import { useState } from "preact/hooks";
import { usePages, useReloadOn, type Pages } from "../api/loading.ts";
import type { Observation, SignKey } from "../api/types.ts";
import { AmendDialogue } from "../amending/amend_dialogue.tsx";
import { amendedInWords, mayAmend, type Amends } from "../amending/amendment.ts";
import { asTold, hasFresh } from "../amending/told.ts";
import { useTold } from "../amending/use_told.ts";
import { inChartOrder, signWords } from "../format/signs.ts";
import type { RecordLive } from "../live/use_record_live.ts";
import { useApi, useReaderId } from "../services.ts";
import { Done } from "./done.tsx";
import { SelectField } from "./fields.tsx";
import { Link } from "./link.tsx";
import { LoadFailed, Loading } from "./problem.tsx";
import { ReadingRows } from "./reading_rows.tsx";
import { ShowMore } from "./show_more.tsx";
import { useDone } from "./use_done.ts";

/** On a phone each reading is a card as high as a hand is wide: ten are three screens. */
const PAGE = { phone: 10, desk: 50 };
const PHONE = "(max-width: 640px)";

interface Props {
  patientId: string;
  record: RecordLive;
  /** Who the person themselves is to the reader: "The patient" or "You". */
  self: string;
  /** Which readings are offered to be put right. */
  amends: Amends;
  /** Whether the reader is the person themself. */
  own?: boolean;
}

export function ReadingsTable(props: Props) {
  const { record, self, amends, own = false } = props;
  const [sign, setSign] = useState<SignKey | "">("");
  const list = useReadings(props, sign);
  const { pages, observations } = list;
  const [amending, setAmending] = useState<Observation | null>(null);
  const reader = useReaderId();
  const choices = inChartOrder(record.signs?.keys() ?? []).map((one) => ({ value: one, words: signWords(one).name }));
  return (
    <>
      <AmendedHere {...props} list={list} amending={amending} onClosed={() => setAmending(null)} />
      <SelectField
        id="sign-filter"
        label="Show"
        value={sign}
        onValue={(value) => setSign(value as SignKey | "")}
        choices={[{ value: "", words: "All signs" }, ...choices]}
      />
      {amends === "own" && observations.some(({ recorded_by }) => recorded_by !== reader) && <OnlyOnesOwn own={own} />}
      {list.fresh && <Fresh onShow={list.renew} />}
      {observations.length > 0 && (
        <ReadingRows observations={observations} self={self} recorders={list.recorders} amends={(each) => mayAmend(each, amends, reader)} onAmend={setAmending} />
      )}
      {observations.length === 0 && pages.status === "ready" && <p>No readings yet.</p>}
      {pages.status === "loading" && observations.length === 0 && <Loading what="readings" />}
      {pages.status === "failed" && <LoadFailed what="Readings" error={pages.error} retry={pages.retry} />}
      <ShowMore pages={pages} what="readings" />
    </>
  );
}

interface List {
  readonly pages: Pages<Observation>;
  /** As they stand by now, whatever was told since they were loaded. */
  readonly observations: readonly Observation[];
  /** Whoever acts for the person and recorded some of them, by account. */
  readonly recorders: ReadonlyMap<string, string>;
  /** Whether there are readings that the list does not show. */
  readonly fresh: boolean;
  readonly take: (observation: Observation) => void;
  readonly renew: () => void;
}

function useReadings({ patientId, record }: Props, sign: SignKey | ""): List {
  const api = useApi();
  const [limit] = useState(() => (window.matchMedia(PHONE).matches ? PAGE.phone : PAGE.desk));
  const query = { sign: sign === "" ? null : sign, history: true, limit };
  const [recorders] = useState(() => new Map<string, string>());
  const pages = usePages<Observation>(`${patientId} ${sign}`, async (cursor, signal) => {
    const page = await api.get("/v1/patients/{patient_id}/observations", { path: { patient_id: patientId }, query: { ...query, cursor } }, signal);
    for (const { account_id: account, name } of page.recorders) recorders.set(account, name);
    return page;
  });
  const { told, take, forget } = useTold(record.subscribe, sign);
  const renew = (): void => {
    forget();
    pages.reload();
  };
  // What was told meanwhile is lost: what is on the screen may have been put right unseen.
  useReloadOn(record.resyncs, renew);
  return { pages, recorders, observations: asTold(pages.items, told), fresh: hasFresh(pages.items, told), take, renew };
}

interface AmendedProps extends Props {
  list: List;
  amending: Observation | null;
  onClosed: () => void;
}

/** The dialogue while it is open, and then what was done. */
function AmendedHere({ patientId, own = false, list, amending, onClosed }: AmendedProps) {
  const [done, say] = useDone();
  const amended = (stands: Observation): void => {
    onClosed();
    list.take(stands);
    say(amendedInWords(stands));
  };
  const leave = (isOld: boolean): void => {
    onClosed();
    if (isOld) list.renew();
  };
  return (
    <>
      {done !== null && <Done {...done} />}
      {amending !== null && <AmendDialogue patientId={patientId} reading={amending} own={own} onDone={amended} onLeave={leave} />}
    </>
  );
}

function OnlyOnesOwn({ own }: { own: boolean }) {
  if (!own) return <p class="tw-prose">You can put right what you recorded yourself. If another reading is wrong, tell whoever cares for them.</p>;
  return (
    <p class="tw-prose">
      You can put right what you recorded yourself. If another reading is wrong, tell your care team, or{" "}
      <Link to={{ page: "sharing", part: "copies" }}>ask your practice to put it right</Link>.
    </p>
  );
}

/** Not put in by itself: no row moves under a finger. */
function Fresh({ onShow }: { onShow: () => void }) {
  return (
    <div role="status">
      <button type="button" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" onClick={onShow}>
        Show new readings
      </button>
    </div>
  );
}

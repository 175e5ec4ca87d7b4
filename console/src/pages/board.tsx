/** The live board: one's patients with the latest of each sign, and whether any of it may be trusted as current. */
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Account, BoardRow } from "../api/types.ts";
import { usePages, type Pages } from "../api/loading.ts";
import { ConnectionBar } from "../components/connection_bar.tsx";
import { TextField } from "../components/fields.tsx";
import { PageHeading } from "../components/heading.tsx";
import { Link } from "../components/link.tsx";
import { LiveContext } from "../components/live_context.ts";
import { PatientCard } from "../components/patient_card.tsx";
import { OpenAlerts } from "../components/open_alerts.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { ShowMore } from "../components/show_more.tsx";
import { whoWouldStand } from "../format/board.ts";
import { byPlace } from "../format/places.ts";
import { nameMatches } from "../format/people.ts";
import { readClocks } from "../live/clocks.ts";
import { Edition, type Shown } from "../live/edition.ts";
import type { Signs } from "../live/latest.ts";
import type { Heard } from "../live/messages.ts";
import type { Connection } from "../live/state.ts";
import { everySecond, onReturn } from "../live/ticking.ts";
import { useLive, type Live, type Loaded } from "../live/use_live.ts";
import { useApi } from "../services.ts";

/** A home or a small practice whole: whoever is not loaded is missing from the order. */
const PAGE = 100;

/** One socket watches at most so many (docs/live-protocol.md); a patient shown but not watched would look current. */
const MOST_WATCHED = 500;
const NO_SIGNS: Signs = new Map();

/** Somebody may be put on the board at any moment, and of an empty one nobody is told. */
const LOOK_AGAIN_MS = 20_000;

/** Begun anew when the last patient has left it. */
export function BoardPage({ account }: { account: Account }) {
  const [turn, setTurn] = useState(0);
  const emptied = useCallback(() => setTurn((count) => count + 1), []);
  return <Board key={turn} account={account} onEmptied={emptied} />;
}

function Board({ account, onEmptied }: { account: Account; onEmptied: () => void }) {
  const { pages, edition, current } = useBoard();
  const loaded: Loaded = useMemo(() => new Map(pages.items.map((row) => [row.patient.id, row.latest])), [pages.items]);
  const ids = useMemo(() => pages.items.map((row) => row.patient.id), [pages.items]);
  const [told, setTold] = useState(0);
  const live = useLive(ids, loaded, (message) => {
    if (tellsOfAlerts(message)) setTold((count) => count + 1);
  });
  const rows = useMemo(() => pages.items.filter((row) => !live.gone.has(row.patient.id)), [pages.items, live.gone]);
  current.current = { live, pages, shown: useShown(rows, pages) };
  useKeptUp(edition, live.facts.connection);
  const nobody = useNobody(pages);
  const full = pages.items.length + PAGE > MOST_WATCHED;
  const left = rows.length === 0 && pages.items.length > 0 && !pages.more;
  useEffect(() => {
    if (left) onEmptied();
  }, [left, onEmptied]);
  return (
    <LiveContext.Provider value={live.facts}>
      <PageHeading title="Patients" />
      <ConnectionBar failed={pages.status === "failed"} nobody={nobody} />
      <OpenAlerts account={account} changes={told} />
      {rows.length > 0 && <Rows rows={rows} live={live} more={pages.more} />}
      {nobody && <NoPatients account={account} />}
      {!nobody && pages.status === "loading" && pages.items.length === 0 && <Loading what="patients" />}
      {pages.status === "failed" && <LoadFailed what="Patients" error={pages.error} retry={pages.retry} />}
      {full && pages.more ? <p>No more than {MOST_WATCHED} patients can be watched at once.</p> : <ShowMore pages={pages} what="patients" />}
    </LiveContext.Provider>
  );
}

/** An alert, or what may have kept one from being told: whoever has just connected may have missed it. */
function tellsOfAlerts(message: Heard): boolean {
  return message.type === "welcome" || message.type === "resync" || (message.type === "event" && message.kind.startsWith("alert."));
}

interface Current {
  readonly live: Live;
  readonly pages: Pages<BoardRow>;
  readonly shown: Shown | null;
}

/** The board's pages, and what asks whether those on it are still the same. */
function useBoard() {
  const api = useApi();
  const current = useRef<Current | null>(null);
  const edition = useMemo(
    () =>
      new Edition({
        clocks: readClocks,
        inSight: () => document.visibilityState === "visible",
        shown: () => current.current?.shown ?? null,
        ask: async (upTo) => (await api.get("/v1/board/edition", { query: { up_to: upTo } })).rows,
        changed: () => current.current?.pages.renew(MOST_WATCHED),
        left: (standing) => current.current?.pages.keepOnly((row) => standing.has(row.edition)),
      }),
    [api],
  );
  const pages = usePages<BoardRow>("board", async (cursor, signal) => {
    const gone = current.current?.live.gone ?? new Set<string>();
    const page = await api.get("/v1/board", { query: { limit: PAGE, cursor } }, signal);
    // Asked for after they had gone: they may be seen again.
    if (!signal.aborted) current.current?.live.cameBack(page.items.map(({ patient }) => patient.id).filter((id) => gone.has(id)));
    return page;
  });
  return { pages, edition, current };
}

/** What stands on the screen, to be held against what stands; null while that is about to change. */
function useShown(rows: readonly BoardRow[], { items, more, status }: Pages<BoardRow>): Shown | null {
  const upTo = more ? (items.at(-1)?.patient.id ?? null) : null;
  const shown = useMemo<Shown>(() => ({ rows: rows.map((row) => row.edition), upTo }), [rows, upTo]);
  return status === "ready" ? shown : null;
}

/** Whoever comes or leaves does so on the open board: nothing that is typed, focused or scrolled to is lost by it. */
function useKeptUp(edition: Edition, connection: Connection): void {
  const latest = useRef(connection);
  latest.current = connection;
  useEffect(() => {
    const tick = (): void => edition.tick(latest.current);
    const stops = [everySecond(tick), onReturn(tick)];
    return () => stops.forEach((stop) => stop());
  }, [edition]);
}

/** Whether the board is known to be empty. While it is, it is asked for again and again, and when somebody looks. */
function useNobody({ items, status, reload }: Pages<unknown>): boolean {
  const known = useRef(false);
  if (status === "ready") known.current = items.length === 0;
  const nobody = known.current && items.length === 0;
  useEffect(() => {
    if (!nobody) return undefined;
    // Not for nobody: a page out of sight is asked for when it is looked at.
    const timer = setInterval(() => document.visibilityState === "visible" && reload(), LOOK_AGAIN_MS);
    const stopReturning = onReturn(reload);
    return () => {
      clearInterval(timer);
      stopReturning();
    };
  }, [nobody, reload]);
  return nobody;
}

function Rows({ rows, live, more }: { rows: readonly BoardRow[]; live: Live; more: boolean }) {
  const [typed, setTyped] = useState("");
  const shown = useMemo(() => rows.filter((row) => nameMatches(row.patient, typed)), [rows, typed]);
  // By who they are alone: a card must not move away under a finger because a value came.
  const places = useMemo(() => byPlace(shown), [shown]);
  return (
    <>
      <div class="tw-filter">
        <TextField id="filter" label="Filter by name" type="search" width="20" autocomplete="off" value={typed} onValue={setTyped} />
        <p class="tw-filter__count" role="status">
          {countInWords(shown.length, rows.length, more)}
        </p>
      </div>
      {places.map((place) => (
        <section key={place.key} aria-labelledby={`place-${place.key}`}>
          <h2 class="nhsuk-heading-m tw-place" id={`place-${place.key}`}>
            {place.name}
          </h2>
          <ul class="tw-board">
            {place.rows.map(({ patient }) => (
              <PatientCard key={patient.id} patient={patient} signs={live.table.get(patient.id) ?? NO_SIGNS} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function countInWords(shown: number, loaded: number, more: boolean): string {
  const people = loaded === 1 ? "patient" : "patients";
  const of = shown === loaded ? `${loaded} ${people}` : `${shown} of ${loaded} ${people}`;
  return more ? `${of} (there are more to load)` : of;
}

function NoPatients({ account }: { account: Account }) {
  const clinician = account.roles.some(({ role }) => role === "clinician");
  return (
    <div class="nhsuk-inset-text tw-prose">
      <h2 class="nhsuk-heading-s">No patients yet</h2>
      <p>This is where you see:</p>
      <ul class="nhsuk-list nhsuk-list--bullet">
        {whoWouldStand(account).map(({ who, how }) => (
          <li key={who}>
            <strong>{who}.</strong> {how}
          </li>
        ))}
      </ul>
      <p>Whoever joins them appears here without your doing anything.</p>
      {clinician && (
        <p>
          <Link to={{ page: "care_teams" }}>Go to care teams</Link>
        </p>
      )}
      {account.acts_for_others && (
        <p>
          <Link to={{ page: "acting" }}>Go to the people you act for</Link>
        </p>
      )}
    </div>
  );
}

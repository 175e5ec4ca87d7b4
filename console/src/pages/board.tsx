/** The live board: one's patients with the latest of each sign, and whether any of it may be trusted as current. */
import { useMemo, useState } from "preact/hooks";
import type { BoardRow } from "../api/types.ts";
import { usePages } from "../api/loading.ts";
import { ConnectionBar } from "../components/connection_bar.tsx";
import { TextField } from "../components/fields.tsx";
import { PageHeading } from "../components/heading.tsx";
import { LiveContext } from "../components/live_context.ts";
import { PatientCard } from "../components/patient_card.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { ShowMore } from "../components/show_more.tsx";
import { byPlace } from "../format/places.ts";
import { nameMatches } from "../format/people.ts";
import type { Signs } from "../live/latest.ts";
import { useLive, type Live, type Loaded } from "../live/use_live.ts";
import { useApi } from "../services.ts";

/** A home or a small practice whole: whoever is not loaded is missing from the order. */
const PAGE = 100;

/** One socket watches at most so many (docs/live-protocol.md); a patient shown but not watched would look current. */
const MOST_WATCHED = 500;
const NO_SIGNS: Signs = new Map();

export function BoardPage() {
  const api = useApi();
  const pages = usePages<BoardRow>("board", (cursor, signal) =>
    api.get("/v1/board", { query: { limit: PAGE, cursor } }, signal),
  );
  const loaded: Loaded = useMemo(
    () => new Map(pages.items.map((row) => [row.patient.id, row.latest])),
    [pages.items],
  );
  const ids = useMemo(() => pages.items.map((row) => row.patient.id), [pages.items]);
  const live = useLive(ids, loaded);
  const rows = useMemo(() => pages.items.filter((row) => !live.gone.has(row.patient.id)), [pages.items, live.gone]);
  const full = pages.items.length + PAGE > MOST_WATCHED;
  return (
    <LiveContext.Provider value={live.facts}>
      <PageHeading title="Patients" />
      <ConnectionBar failed={pages.status === "failed"} />
      {pages.items.length > 0 && <Rows rows={rows} live={live} more={pages.more} />}
      {pages.items.length === 0 && pages.status === "ready" && <NoPatients />}
      {pages.status === "loading" && pages.items.length === 0 && <Loading what="patients" />}
      {pages.status === "failed" && <LoadFailed what="Patients" error={pages.error} retry={pages.retry} />}
      {full && pages.more ? <p>No more than {MOST_WATCHED} patients can be watched at once.</p> : <ShowMore pages={pages} what="patients" />}
    </LiveContext.Provider>
  );
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

function NoPatients() {
  return (
    <div class="nhsuk-inset-text">
      <p>You have no patients yet. Patients appear here when they join your practice, your care team or your care home.</p>
    </div>
  );
}

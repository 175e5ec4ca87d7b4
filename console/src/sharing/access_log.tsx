/** Who has looked at a record: emergencies first; then everybody, when, in what role and why, newest first. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { usePages } from "../api/loading.ts";
import type { Access } from "../api/types.ts";
import { SelectField } from "../components/fields.tsx";
import { LoadFailed, Loading } from "../components/problem.tsx";
import { ShowMore } from "../components/show_more.tsx";
import { byDay, dayInFull, isEmergency, PERIODS, since, toldTogether, whenInWords, whoInWords, type Day, type Period, type Told } from "../format/access_log.ts";
import { loggedReasonInWords } from "../format/emergency.ts";
import { useApi } from "../services.ts";
import type { Whose } from "../format/sharing.ts";
import { Emergencies } from "./emergencies.tsx";

const PAGE = 50;

type Whom = "others" | "everybody";

interface Props {
  patientId: string;
  whose: Whose;
}

/** `children`: what is said before the whole list. */
export function AccessLog({ children, ...of }: Props & { children?: ComponentChildren }) {
  return (
    <>
      <Emergencies {...of} />
      {children}
      <Everybody {...of} />
    </>
  );
}

function Everybody({ patientId, whose }: Props) {
  const api = useApi();
  const [period, setPeriod] = useState<{ chosen: Period; from: string | null }>({ chosen: "all", from: null });
  const [whom, setWhom] = useState<Whom>("others");
  const pages = usePages<Access>(`${patientId} ${period.chosen} ${period.from} ${whom}`, (cursor, signal) =>
    api.get(
      "/v1/patients/{patient_id}/access-log",
      { path: { patient_id: patientId }, query: { from: period.from, own: whom === "everybody", limit: PAGE, cursor } },
      signal,
    ),
  );
  const choose = (value: string): void => {
    const chosen = PERIODS.find((each) => each.value === value)?.value ?? "all";
    setPeriod({ chosen, from: since(chosen, Date.now()) });
  };
  return (
    <>
      <div class="tw-choices">
        <SelectField id="period" label="When" value={period.chosen} onValue={choose} choices={PERIODS} />
        <WhomField whose={whose} whom={whom} onWhom={setWhom} />
      </div>
      {byDay(pages.items).map((day) => (
        <OneDay key={day.date} day={day} whose={whose} />
      ))}
      {pages.items.length === 0 && pages.status === "ready" && <p>Nobody has looked in that time.</p>}
      {pages.items.length === 0 && pages.status === "loading" && <Loading what="who has looked" />}
      {pages.status === "failed" && <LoadFailed what="Who has looked" error={pages.error} retry={pages.retry} />}
      <ShowMore pages={pages} what="entries" />
    </>
  );
}

function OneDay({ day, whose }: { day: Day; whose: Whose }) {
  return (
    <section aria-labelledby={`day-${day.date}`}>
      <h2 class="nhsuk-heading-s tw-day" id={`day-${day.date}`}>
        {dayInFull(day.date)}
      </h2>
      <ul class="tw-looks">
        {toldTogether(day.entries, whose).map((told) => {
          const [{ who, action, last_at, what }] = told.entries;
          return <Look key={`${who} ${action} ${last_at} ${what}`} told={told} />;
        })}
      </ul>
    </section>
  );
}

function WhomField({ whose, whom, onWhom }: { whose: Whose; whom: Whom; onWhom: (whom: Whom) => void }) {
  return (
    <SelectField
      id="whom"
      label="Who"
      value={whom}
      onValue={(value) => onWhom(value === "everybody" ? "everybody" : "others")}
      choices={[
        { value: "others", words: whose.own ? "Everybody but me" : `Everybody but ${whose.name}` },
        { value: "everybody", words: whose.own ? "Everybody, me too" : `Everybody, ${whose.name} too` },
      ]}
    />
  );
}

function Look({ told: { entries, words, opens, span } }: { told: Told }) {
  const [entry] = entries;
  const emergency = isEmergency(entry);
  return (
    <li class={emergency ? "tw-look tw-look--emergency" : "tw-look"}>
      {emergency && <strong class="nhsuk-tag nhsuk-tag--red">Emergency access</strong>}
      <p class="tw-look__who">
        <strong>{whoInWords(entry)}</strong>
      </p>
      <p>
        {words ?? entry.what} <When span={span} />
      </p>
      {!entry.yourself && <p class="tw-muted tw-small">Why: {entry.why}</p>}
      {entry.reason !== null && (
        <p>
          The reason they gave: <q>{loggedReasonInWords(entry.reason)}</q>
        </p>
      )}
      {words !== null && <Each entries={entries} opens={opens} about={`${whoInWords(entry)} ${words}`} />}
    </li>
  );
}

function When({ span }: { span: Parameters<typeof whenInWords>[0] }) {
  return <span class="tw-muted tw-when">{whenInWords(span)}</span>;
}

/** Nothing is left out: what was told as one, as it was written down. */
function Each({ entries, opens, about }: Pick<Told, "entries" | "opens"> & { about: string }) {
  return (
    <details class="nhsuk-details tw-look__each">
      <summary class="nhsuk-details__summary">
        <span class="nhsuk-details__summary-text">
          {opens}
          <span class="nhsuk-u-visually-hidden">: {about}</span>
        </span>
      </summary>
      <ul class="nhsuk-details__text">
        {entries.map((entry) => (
          <li key={`${entry.action} ${entry.last_at} ${entry.what}`}>
            {entry.what} <When span={entry} />
          </li>
        ))}
      </ul>
    </details>
  );
}

/** The parts of one person's record, each at its own address: links, not tabs of a script, so that each can be shared. */
import type { PatientTab, Route } from "../router/routes.ts";
import { Link } from "./link.tsx";

const PARTS: readonly { tab: PatientTab; words: string }[] = [
  { tab: "overview", words: "Overview" },
  { tab: "readings", words: "Readings" },
  { tab: "goals", words: "Goals" },
  { tab: "plan", words: "Action plan" },
];

export function RecordTabs({ current, to }: { current: PatientTab; to: (tab: PatientTab) => Route }) {
  return (
    <nav aria-label="Parts of the record" class="tw-parts">
      <ul class="tw-tabs">
        {PARTS.map(({ tab, words }) => (
          <li key={tab}>
            <Link to={to(tab)} current={tab === current}>
              {words}
            </Link>
          </li>
        ))}
      </ul>
      {current !== "record" && (
        <Link to={to("record")} class="nhsuk-button nhsuk-button--small tw-record-link">
          Record a reading
        </Link>
      )}
    </nav>
  );
}

export function partInWords(tab: PatientTab): string {
  return PARTS.find((part) => part.tab === tab)?.words ?? "Record a reading";
}

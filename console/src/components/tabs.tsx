/** The parts of one person's record, each at its own address: links, not tabs of a script, so that each can be shared. */
import type { ComponentChildren } from "preact";
import type { PatientTab, Route } from "../router/routes.ts";
import { Link } from "./link.tsx";

const PARTS: readonly { tab: PatientTab; words: string }[] = [
  { tab: "overview", words: "Overview" },
  { tab: "readings", words: "Readings" },
  { tab: "goals", words: "Goals" },
  { tab: "plan", words: "Action plan" },
];

interface RecordProps {
  current: PatientTab;
  to: (tab: PatientTab) => Route;
  /** Whether the reader may add readings; who only reads is not offered it. */
  mayRecord?: boolean;
  /** Where it stands who has access, for those who may know. */
  access?: Route | undefined;
}

export function RecordTabs({ current, to, mayRecord = true, access }: RecordProps) {
  return (
    <PartTabs label="Parts of the record" parts={PARTS} current={current} to={to}>
      {access !== undefined && <Link to={access}>Who has access</Link>}
      {mayRecord && current !== "record" && (
        <Link to={to("record")} class="nhsuk-button nhsuk-button--small tw-record-link">
          Record a reading
        </Link>
      )}
    </PartTabs>
  );
}

interface PartsProps<T extends string> {
  label: string;
  parts: readonly { tab: T; words: string }[];
  current: T;
  to: (tab: T) => Route;
  children?: ComponentChildren;
}

/** The parts of anything, and what may be done beside them. */
export function PartTabs<T extends string>({ label, parts, current, to, children }: PartsProps<T>) {
  return (
    <nav aria-label={label} class="tw-parts">
      <ul class="tw-tabs">
        {parts.map(({ tab, words }) => (
          <li key={tab}>
            <Link to={to(tab)} current={tab === current}>
              {words}
            </Link>
          </li>
        ))}
      </ul>
      {children}
    </nav>
  );
}

export function partInWords(tab: PatientTab): string {
  return PARTS.find((part) => part.tab === tab)?.words ?? "Record a reading";
}

/** The parts of one person's record, each at its own address: links, not tabs of a script, so that each can be shared. */
import type { ComponentChildren } from "preact";
import type { Patient } from "../api/types.ts";
import type { PatientTab, Route } from "../router/routes.ts";
import { Link } from "./link.tsx";

const PARTS: readonly { tab: PatientTab; words: string }[] = [
  { tab: "overview", words: "Overview" },
  { tab: "readings", words: "Readings" },
  { tab: "goals", words: "Goals" },
  { tab: "plan", words: "Action plan" },
];

/** Who has access stands at an address of its own, beside the parts. */
interface AccessPart {
  readonly words: string;
  readonly to: Route;
}

/** Who else has access is known to the clinicians of the practice and of the care teams, and to nobody beyond them. */
export function accessOf({ id, bases }: Pick<Patient, "id" | "bases">): AccessPart | undefined {
  return bases.includes("practice") || bases.includes("care_team") ? { words: "Who has access", to: { page: "access", id } } : undefined;
}

interface RecordProps {
  /** Null: who has access. */
  current: PatientTab | null;
  to: (tab: PatientTab) => Route;
  /** Whether the reader may add readings; who only reads is not offered it. */
  mayRecord?: boolean;
  /** For those who may know who has access. */
  access?: AccessPart | undefined;
}

export function RecordTabs({ current, to, mayRecord = true, access }: RecordProps) {
  return (
    <PartTabs label="Parts of the record" parts={PARTS} current={current} to={to} last={access}>
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
  /** Null: the last one. */
  current: T | null;
  to: (tab: T) => Route;
  last?: AccessPart | undefined;
  children?: ComponentChildren;
}

/** The parts of anything, and what may be done beside them. */
export function PartTabs<T extends string>({ label, parts, current, to, last, children }: PartsProps<T>) {
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
        {last !== undefined && (
          <li>
            <Link to={last.to} current={current === null}>
              {last.words}
            </Link>
          </li>
        )}
      </ul>
      {children}
    </nav>
  );
}

export function partInWords(tab: PatientTab): string {
  return PARTS.find((part) => part.tab === tab)?.words ?? "Record a reading";
}

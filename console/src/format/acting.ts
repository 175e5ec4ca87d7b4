/** What a delegate's scopes open of a record, in the console's own parts. Pure: the API decides at every request. */
import type { OwnDelegation, Scope } from "../api/types.ts";
import type { ActingTab } from "../router/more_routes.ts";
import { plainName } from "./people.ts";
import { abilities } from "./sharing.ts";
import { dateAndTime } from "./times.ts";

interface Part {
  readonly tab: ActingTab;
  readonly words: string;
  readonly needs: Scope;
}

const PARTS: readonly Part[] = [
  { tab: "overview", words: "Overview", needs: "read" },
  { tab: "readings", words: "Readings", needs: "read" },
  { tab: "goals", words: "Goals", needs: "read" },
  { tab: "plan", words: "Action plan", needs: "read" },
  { tab: "people", words: "Who can see it", needs: "decide" },
  { tab: "choices", words: "Choices", needs: "decide" },
  { tab: "looked", words: "Who has looked", needs: "decide" },
];

/** The parts that these scopes open, in their order. Recording is a button beside them, not a part. */
export function partsOf(scopes: readonly Scope[]): readonly Part[] {
  return PARTS.filter(({ needs }) => scopes.includes(needs));
}

export function mayOpenPart(scopes: readonly Scope[], tab: ActingTab): boolean {
  return tab === "record" ? scopes.includes("record") : partsOf(scopes).some((part) => part.tab === tab);
}

/** Where opening the record leads; null when the scopes open nothing that is built yet. */
export function firstTabOf(scopes: readonly Scope[]): ActingTab | null {
  return partsOf(scopes)[0]?.tab ?? (scopes.includes("record") ? "record" : null);
}

export function partInWords(tab: ActingTab): string {
  return PARTS.find((part) => part.tab === tab)?.words ?? "Record a reading";
}

type Taken = Pick<OwnDelegation, "given_name" | "family_name" | "scopes" | "from_at">;

/** "You now act for Rose Hill. You can see the record and add readings." */
export function takenUpInWords(taken: Taken, now: number): string {
  const begun = Date.parse(taken.from_at) <= now;
  const from = begun ? "now act" : `will act from ${dateAndTime(taken.from_at)}`;
  return `You ${from} for ${plainName(taken)}. You can ${begun ? "" : "then "}${abilities(taken.scopes)}.`;
}

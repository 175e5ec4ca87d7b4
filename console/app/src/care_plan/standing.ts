/** Which version of one's care and support plan is in force, which drafts are open, and what a draft would change. Pure. */
import type { components } from "#console/api/schema.gen.ts";
import type { CarePlan } from "../store/things.ts";

export type CareSection = components["schemas"]["CareSection"];
export type SectionText = CarePlan["sections"][number];

/** The sections, in the order in which a plan is read. */
export const SECTIONS = ["matters", "people", "communication", "wellness", "please_do", "support", "also", "strengths", "needs", "decisions", "contingency"] as const satisfies readonly CareSection[];

export interface Standing {
  /** The only one to act by. */
  readonly inForce: CarePlan | null;
  /** What could take its place, the last drafted first. */
  readonly drafts: readonly CarePlan[];
  /** What was in force before, the latest first. */
  readonly former: readonly CarePlan[];
}

/**
 * Where each stands, by their numbers: the greatest is in force, whatever was told of an older one before that one was told.
 * `heard`: what the API answered here, which the copy may not know yet; once it knows what became of one, it is right.
 */
export function standingOf(copied: Iterable<CarePlan>, heard: Iterable<CarePlan> = []): Standing {
  const known = new Map([...copied].map((plan) => [plan.id, plan]));
  for (const plan of heard) if ((known.get(plan.id)?.decided_at ?? null) === null) known.set(plan.id, plan);
  const all = [...known.values()];
  const numbered = all.filter(({ version }) => version !== null).sort((a, b) => (b.version ?? 0) - (a.version ?? 0));
  const [inForce = null, ...former] = numbered;
  const drafts = all
    .filter(({ decided_at, supersedes_id }) => decided_at === null && supersedes_id === (inForce?.id ?? null))
    .sort((a, b) => Date.parse(b.drafted_at) - Date.parse(a.drafted_at));
  return { inForce, drafts, former };
}

export interface Change {
  readonly section: CareSection;
  /** What stands there now; null: nothing. */
  readonly was: SectionText | null;
  /** What would stand there; null: nothing. */
  readonly becomes: SectionText | null;
}

/** The sections that would read otherwise if a draft were put in force, in order. */
export function changesOf(draft: CarePlan, inForce: CarePlan | null): Change[] {
  return SECTIONS.flatMap((section): Change[] => {
    const was = sectionOf(inForce, section);
    const becomes = sectionOf(draft, section);
    return was?.text === becomes?.text && was?.words_of === becomes?.words_of ? [] : [{ section, was, becomes }];
  });
}

/** What stands in a section of a version; null: nothing. */
export function sectionOf(plan: CarePlan | null, section: CareSection): SectionText | null {
  return plan?.sections.find((each) => each.section === section) ?? null;
}

const TEAM: ReadonlySet<SectionText["written_as"]> = new Set(["care_team", "practice"]);

/** Whether somebody's team must agree, because a draft of theirs changes what the team or a care home wrote (docs/plans.md). One's own words are one's own to change. */
export function needsTeam({ drafted_as }: Pick<CarePlan, "drafted_as">, changes: readonly Change[]): boolean {
  if (TEAM.has(drafted_as)) return false;
  return changes.some(({ was }) => was !== null && !(was.words_of === "person" && drafted_as === "self") && (TEAM.has(was.written_as) || (was.written_as === "care_home" && drafted_as !== "care_home")));
}

/** What is typed of one's own care and support plan, and the whole version that is drafted of it. Pure. */
import type { components } from "#console/api/schema.gen.ts";
import type { FieldFault } from "../pieces/faults.ts";
import type { CarePlan } from "../store/things.ts";
import { daysOn } from "../words/dates.ts";
import type { Words } from "../words/words.ts";
import { SECTIONS, sectionOf, type CareSection } from "./standing.ts";

/** A whole version, but for the name under which it is sent. */
export type Drafted = Omit<components["schemas"]["CarePlanIn"], "client_id">;

export interface Typed {
  readonly text: Readonly<Record<CareSection, string>>;
  readonly reviewOn: string;
}

/** When it is looked at again unless somebody says otherwise. Ours, and to be changed as one likes. */
const A_YEAR_DAYS = 365;
/** As long as the API lets it be. */
export const LATEST_REVIEW_DAYS = 3660;

/** What stands in force now, to be changed. */
export function typedOf(inForce: CarePlan | null, today: string): Typed {
  const text = Object.fromEntries(SECTIONS.map((section) => [section, sectionOf(inForce, section)?.text ?? ""])) as Record<CareSection, string>;
  return { text, reviewOn: inForce !== null && inForce.review_on > today ? inForce.review_on : daysOn(today, A_YEAR_DAYS) };
}

/** The whole version: what reads as before stays whoever's words it was, what was typed is the person's own, what is empty is left out. */
export function draftedOf(typed: Typed, inForce: CarePlan | null): Drafted {
  const sections = SECTIONS.flatMap((section): Drafted["sections"] => {
    const stood = sectionOf(inForce, section);
    const text = typed.text[section].trim();
    if (stood !== null && text === stood.text.trim()) return [{ section, text: stood.text, words_of: stood.words_of }];
    return text === "" ? [] : [{ section, text, words_of: "person" }];
  });
  return { review_on: typed.reviewOn, supersedes_id: inForce?.id ?? null, sections };
}

export function faultsOf(typed: Typed, inForce: CarePlan | null, { say }: Words, today: string): FieldFault[] {
  const faults: FieldFault[] = [];
  const drafted = draftedOf(typed, inForce);
  if (drafted.sections.length === 0) faults.push({ field: "care-matters", message: say("care.missing") });
  else if (inForce !== null && isSame(drafted, inForce)) faults.push({ field: "care-matters", message: say("care.unchanged") });
  if (typed.reviewOn < today || typed.reviewOn > daysOn(today, LATEST_REVIEW_DAYS)) faults.push({ field: "care-review", message: say("care.missing_review") });
  return faults;
}

function isSame({ sections, review_on }: Drafted, inForce: CarePlan): boolean {
  if (review_on !== inForce.review_on || sections.length !== inForce.sections.length) return false;
  return sections.every(({ section, text, words_of }) => {
    const stood = sectionOf(inForce, section);
    return stood !== null && stood.text === text && stood.words_of === words_of;
  });
}

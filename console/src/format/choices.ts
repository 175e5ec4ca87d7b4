/** Words for what a person has decided about their record, purpose by purpose. Pure. */
import type { Consent, ConsentText } from "../api/types.ts";
import { capital, person, possessive, type Whose } from "./sharing.ts";

export type Purpose = Consent["purpose"];
export type Provision = Consent["provision"];

export const PURPOSES: readonly Purpose[] = ["care_sharing", "delegate", "research", "national_data_opt_out"];

interface Words {
  /** What holds, by decision; `undecided` when nothing was ever said. */
  readonly stands: Record<Provision | "undecided", string>;
  /** The buttons. */
  readonly give: string;
  readonly withdraw: string;
}

export function wordsOf(purpose: Purpose, whose: Whose): Words {
  const who = capital(person(whose));
  const have = whose.own ? "have" : "has";
  const record = `${possessive(whose)} record`;
  switch (purpose) {
    case "care_sharing":
      return {
        stands: {
          permit: `Shared: ${person(whose)} said yes`,
          deny: "Not shared beyond the practice",
          undecided: `Shared: ${person(whose)} ${have} not said no`,
        },
        give: `Share ${record} again`,
        withdraw: `Stop sharing ${record}`,
      };
    case "delegate":
      return {
        stands: {
          permit: `${who} ${whose.own ? "let" : "lets"} somebody act`,
          deny: `${who} ${whose.own ? "let" : "lets"} nobody act`,
          undecided: `${who} ${have} not decided`,
        },
        give: "Allow it again",
        withdraw: "Let nobody act any more",
      };
    case "research":
      return {
        stands: {
          permit: `Counted: ${person(whose)} said yes`,
          deny: "Not counted",
          undecided: `Counted: ${person(whose)} ${have} not said no`,
        },
        give: whose.own ? "Count me again" : "Count them again",
        withdraw: whose.own ? "Do not count me" : "Do not count them",
      };
    case "national_data_opt_out":
      return {
        stands: { permit: "No opt-out recorded", deny: "Opt-out recorded: not counted", undecided: "No opt-out recorded" },
        give: "Remove the opt-out here",
        withdraw: "Record the opt-out",
      };
  }
}

/** What holds for each purpose: the decision in force, if there is one. */
export function inForce(decisions: readonly Consent[]): ReadonlyMap<Purpose, Consent> {
  return new Map(decisions.filter(({ status }) => status === "active").map((each) => [each.purpose, each]));
}

/** The words in use now; undefined for a purpose that this console does not know yet. */
export function latestText(texts: readonly ConsentText[], purpose: Purpose): ConsentText | undefined {
  return texts.find((text) => text.purpose === purpose && text.is_latest);
}

export function textOf(texts: readonly ConsentText[], { purpose, text_version }: Consent): ConsentText | undefined {
  return texts.find((text) => text.purpose === purpose && text.version === text_version);
}

/** "Said yes" of a decision that permits; an opt-out is said the other way round. */
export function decisionInWords({ purpose, provision }: Pick<Consent, "purpose" | "provision">): string {
  if (purpose === "national_data_opt_out") return provision === "deny" ? "Opt-out recorded" : "Opt-out removed";
  return provision === "permit" ? "Said yes" : "Said no";
}

/** In whose right it was decided. */
export function authorityInWords(authority: Consent["authority"], whose: Whose): string {
  switch (authority) {
    case "person":
      return capital(person(whose));
    case "delegate_by_law":
      return `Somebody the law lets decide for ${person(whose)}`;
    case "practice_on_behalf":
      return `The practice, as ${person(whose)} asked`;
  }
}

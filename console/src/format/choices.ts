/** Words for what a person has decided about their record, purpose by purpose. Pure. */
import type { Consent, ConsentText, Delegate } from "../api/types.ts";
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

/** How one speaks of the person: "you", "they have", "your record". */
interface Spoken {
  readonly own: boolean;
  readonly they: string;
  readonly have: string;
  readonly record: string;
}

const WORDS: Readonly<Record<Purpose, (spoken: Spoken) => Words>> = {
  care_sharing: ({ they, have, record }) => ({
    stands: {
      permit: `Shared: ${they} said yes`,
      deny: "Not shared beyond the practice",
      undecided: `Shared: ${they} ${have} not said no`,
    },
    give: `Share ${record} again`,
    withdraw: `Stop sharing ${record}`,
  }),
  delegate: ({ own, they, have }) => ({
    stands: {
      permit: `${capital(they)} ${own ? "let" : "lets"} somebody act`,
      deny: `${capital(they)} ${own ? "let" : "lets"} nobody act`,
      undecided: `${capital(they)} ${have} not decided`,
    },
    give: "Allow it again",
    withdraw: "Let nobody act any more",
  }),
  research: ({ own, they, have }) => ({
    stands: { permit: `Counted: ${they} said yes`, deny: "Not counted", undecided: `Counted: ${they} ${have} not said no` },
    give: own ? "Count me again" : "Count them again",
    withdraw: own ? "Do not count me" : "Do not count them",
  }),
  national_data_opt_out: () => ({
    stands: { permit: "No opt-out recorded", deny: "Opt-out recorded: not counted", undecided: "No opt-out recorded" },
    give: "Remove the opt-out here",
    withdraw: "Record the opt-out",
  }),
};

export function wordsOf(purpose: Purpose, whose: Whose): Words {
  const { own } = whose;
  return WORDS[purpose]({ own, they: person(whose), have: own ? "have" : "has", record: `${possessive(whose)} record` });
}

/** Whether anybody whom the person chose acts for them, or will by what was handed out. */
export type Chosen = "acting" | "waiting" | "nobody";

/** Those whom the law lets act were not chosen. */
export function chosenOf(delegates: readonly Pick<Delegate, "ground" | "state">[]): Chosen {
  const states = new Set(delegates.filter(({ ground }) => ground === "consent").map(({ state }) => state));
  if (states.has("active")) return "acting";
  return states.has("offered") || states.has("not_yet") ? "waiting" : "nobody";
}

export interface Tag {
  readonly words: string;
  readonly colour: "green" | "orange" | "grey";
}

/** What holds, as a tag says it. A yes to letting somebody act stays after the last of them has ended: it says who acts now. */
export function tagOf(purpose: Purpose, stands: Provision | "undecided", whose: Whose, chosen: Chosen): Tag {
  const words = wordsOf(purpose, whose).stands[stands];
  if (stands === "deny") return { words, colour: "orange" };
  // Nothing was decided: no colour says that all is as it should be.
  if (stands === "undecided") return { words, colour: "grey" };
  if (purpose !== "delegate" || chosen === "acting") return { words, colour: "green" };
  if (chosen === "waiting") return { words: `${words}: not begun yet`, colour: "green" };
  return { words: `Nobody whom ${person(whose)} chose acts now`, colour: "grey" };
}

/** What a choice is about, and what saying no does, for whoever reads it about somebody else. */
export interface AboutOthers {
  readonly title: string;
  readonly about: string;
  readonly afterNo: string;
}

/** The words in use speak to the person who decides; these speak of them. */
export function aboutOthers(purpose: Purpose, name: string): AboutOthers {
  switch (purpose) {
    case "care_sharing":
      return {
        title: "Sharing the record with those who care for them",
        about:
          `Care teams that look after ${name}, and the staff of a care home while they live there, can read the record and add to it. ` +
          "They can say no to this, and change their mind, at any time.",
        afterNo:
          "Care teams outside the practice and care home staff can no longer see the record or add to it, from this moment. They will " +
          `not know from it how ${name} has been. The practice still sees the record. In an emergency a clinician can still open it to ` +
          `read: they must give a reason, it is checked, and ${name} sees that it happened.`,
      };
    case "delegate":
      return {
        title: "Letting somebody act for them",
        about: `${name} can let somebody they trust see the record, add readings for them, or both, and can end it at any time without saying why.`,
        afterNo:
          `Everybody whom ${name} has chosen loses access from this moment, and codes not yet used stop working. Whoever the law lets act ` +
          "for them, such as a parent or an attorney, keeps it.",
      };
    case "research":
      return {
        title: "Using the record beyond their own care",
        about:
          "The record can help to find out whether a service works. Only numbers about groups of eight or more people leave Tendwell. " +
          `${name} can say no: then they are not counted.`,
        afterNo: "They are not counted from now on. Figures published before this cannot be taken back. Their own care does not change.",
      };
    case "national_data_opt_out":
      return {
        title: "Their national data opt-out",
        about:
          `If ${name} has told the NHS nationally that their confidential information may not be used for research and planning, that is ` +
          "recorded here and kept to. They set it at www.nhs.uk/your-nhs-data-matters; this only copies it.",
        afterNo: "The opt-out is recorded: they are not counted from now on. Their own care does not change.",
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

/** Care teams in words, and who is on their list or may be put there. Pure. */
import type { CareTeam, Patient } from "../api/types.ts";
import type { FieldError } from "../components/error_summary.tsx";
import { nameMatches } from "./people.ts";

/** "3 members, you among them"; "1 member, not you". */
export function membersInWords({ member_ids: members }: Pick<CareTeam, "member_ids">, reader: string): string {
  if (members.length === 0) return "Nobody is on it.";
  const count = members.length === 1 ? "1 member" : `${members.length} members`;
  if (!members.includes(reader)) return `${count}, not you.`;
  return members.length === 1 ? "You are its only member." : `${count}, you among them.`;
}

type Member = CareTeam["members"][number];

/** Who is on the team beside the reader, by name. */
export function colleagues({ members }: Pick<CareTeam, "members">, reader: string): Member[] {
  return members.filter(({ account_id: id }) => id !== reader).sort((one, other) => order.compare(one.name, other.name));
}

const ACCOUNT_NUMBER = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What is wrong with the number of an account as it was typed or pasted. */
export function accountNumberFault(field: string, typed: string): FieldError[] {
  if (typed.trim() === "") return [{ field, message: "Enter the number of their account" }];
  return ACCOUNT_NUMBER.test(typed.trim()) ? [] : [{ field, message: "The number of an account is 36 characters long: letters, digits and four hyphens" }];
}

const order = new Intl.Collator("en-GB", { sensitivity: "base" });

function byName(one: Patient, other: Patient): number {
  return order.compare(one.family_name, other.family_name) || order.compare(one.given_name, other.given_name) || order.compare(one.id, other.id);
}

/** Those of the patients that one sees who are on the team's list. */
export function onTheList(patients: readonly Patient[], { patient_ids: listed }: Pick<CareTeam, "patient_ids">): Patient[] {
  const ids = new Set(listed);
  return patients.filter(({ id }) => ids.has(id)).sort(byName);
}

/** Not oneself, nor whom one acts for at home: only who is one's patient is put on a list. */
function isOnesPatient({ bases }: Pick<Patient, "bases">): boolean {
  return bases.includes("practice") || bases.includes("care_team");
}

/** A list is read, not scrolled: a few more letters find the rest. */
const MOST_OFFERED = 10;

/** Those whom a typed name finds and who are not on the list; nobody before something is typed. */
export function toBePutOn(patients: readonly Patient[], { patient_ids: listed }: Pick<CareTeam, "patient_ids">, typed: string): Patient[] {
  if (typed.trim() === "") return [];
  const ids = new Set(listed);
  return patients
    .filter((patient) => !ids.has(patient.id) && isOnesPatient(patient) && nameMatches(patient, typed))
    .sort(byName)
    .slice(0, MOST_OFFERED);
}

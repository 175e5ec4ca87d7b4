/** By whose work a record is open, in words: the practice, the care teams with who is on them, the care home. */
import type { Caring } from "../api/types.ts";
import { listInWords } from "./schedules.ts";
import { person, type Whose } from "./sharing.ts";

export function caringInWords({ practice, is_shared: isShared, care_teams: teams, care_home: home }: Caring, whose: Whose): string[] {
  const keeper = `Clinicians of ${practice}, which keeps ${whose.own ? "your" : "the"} record.`;
  if (!isShared) {
    return [keeper, `No care team and no care home: ${person(whose)} said no to sharing beyond the practice.`];
  }
  const others = [
    ...teams.map((team) => `The care team “${team.name}” of ${team.organisation}: ${team.members.length === 0 ? "nobody at present" : listInWords(team.members)}.`),
    ...(home === null ? [] : [`The staff of ${home}, while ${whose.own ? "you live" : `${whose.name} lives`} there.`]),
  ];
  return [keeper, ...(others.length === 0 ? ["No care team and no care home at present."] : others)];
}

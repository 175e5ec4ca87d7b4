/** Who would stand on an empty board, by the roles that one holds, and what brings them there. Pure. */
import type { Account } from "../api/types.ts";

export interface WouldStand {
  /** "The patients registered at Rowan Surgery" */
  readonly who: string;
  readonly how: string;
}

/** For each place that one works at, in the order of one's roles; for a clinician also by their care teams. */
export function whoWouldStand({ roles }: Pick<Account, "roles">): WouldStand[] {
  const clinician = roles.filter(({ role }) => role === "clinician").map(({ organisation }) => organisation);
  const homes = roles.filter(({ role }) => role === "care_home_staff").map(({ organisation }) => organisation);
  const found: WouldStand[] = clinician
    .filter(({ kind }) => kind === "practice")
    .map(({ name }) => ({ who: `Patients registered at ${name}`, how: "They come here when its system registers them with Tendwell." }));
  if (clinician.length > 0) {
    found.push({ who: "Patients on the list of a care team that you are on", how: "Make or join a team, or ask a colleague to put you on theirs." });
  }
  for (const { name } of homes) {
    found.push({
      who: `The residents of ${name}`,
      how: "They come here when their practice records that they live there. Whoever does not share their record beyond the practice does not.",
    });
  }
  return found;
}

/** How people are named on screen: the clinical banner's order for staff, plain order for the person themselves. */

import type { BoardPatient } from "../api/types.ts";

export interface Named {
  given_name: string;
  family_name: string;
}

/** "ASHWORTH, Doris": family name first and in capitals, so that it cannot be taken for the given name. */
export function bannerName(person: Named): string {
  return `${person.family_name.toLocaleUpperCase("en-GB")}, ${person.given_name}`;
}

/** "Doris Ashworth". */
export function plainName(person: Named): string {
  return `${person.given_name} ${person.family_name}`;
}

/** "999 000 0018": 3-3-4, as the NHS asks for reading aloud; null when there is none. */
export function nhsNumber(digits: string | null): string | null {
  if (digits === null) return null;
  const only = digits.replaceAll(" ", "");
  return only.length === 10 ? `${only.slice(0, 3)} ${only.slice(3, 6)} ${only.slice(6)}` : digits;
}

/** A room kept as "12" is "Room 12"; one that is already in words ("Garden room") stays as it is. */
function roomInWords(room: string): string {
  return /^\d/.test(room) ? `Room ${room}` : room;
}

/** True when every word typed begins a word of the name, in any order and without regard to case or accents. */
export function nameMatches(person: Named, typed: string): boolean {
  const words = fold(plainName(person)).split(/[\s'-]+/);
  return fold(typed)
    .split(/[\s,'-]+/)
    .filter((part) => part !== "")
    .every((part) => words.some((word) => word.startsWith(part)));
}

function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase("en-GB").trim();
}

/** "Room 12, Rowan Lodge", or "At home" for someone who lives in no care home. */
export function whereabouts({ care_home: home, room }: Pick<BoardPatient, "care_home" | "room">): string {
  if (home === null) return "At home";
  return room === null ? home.name : `${roomInWords(room)}, ${home.name}`;
}

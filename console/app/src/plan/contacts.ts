/** Whom the zones of one's plans name to turn to, and how a telephone is told to call them. Pure. */
import { plansInForce } from "../days/due.ts";
import type { Copy } from "../store/copy.ts";
import type { Colour, Contact } from "./zone_now.ts";

const WORST_FIRST: readonly Colour[] = ["red", "amber", "green"];

/** Each of them once, those of the worst zones first; without a number there is nobody to call. */
export function ownContacts(copy: Pick<Copy, "actionPlans">): (Contact & { readonly phone: string })[] {
  const zones = plansInForce(copy).flatMap(({ zones }) => zones);
  const found = new Map<string, Contact & { readonly phone: string }>();
  for (const colour of WORST_FIRST) {
    for (const { contact } of zones.filter((zone) => zone.colour === colour)) {
      if (contact === null || contact.phone === null || telOf(contact.phone) === null) continue;
      const key = `${contact.name} ${telOf(contact.phone)}`;
      if (!found.has(key)) found.set(key, { ...contact, phone: contact.phone });
    }
  }
  return [...found.values()];
}

/** "tel:02079460000" of a number as somebody wrote it, up to its first letter ("ext. 3" is said, not dialled); null where there is none. */
export function telOf(phone: string): string | null {
  const [written = ""] = /^[\s\d+().\-–/]*/.exec(phone) ?? [];
  const digits = written.replace("(0)", "").replaceAll(/\D/g, "");
  return digits.length < 3 ? null : `tel:${written.trim().startsWith("+") ? "+" : ""}${digits}`;
}

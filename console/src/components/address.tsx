/** An email address that breaks, where it has to, before its parts and not within them. */

export function Address({ children }: { children: string }) {
  return <span class="tw-address">{partsOf(children).flatMap((part, number) => (number === 0 ? [part] : [<wbr key={number} />, part]))}</span>;
}

/** "a.b@c.example": "a", ".b", "@c", ".example". */
function partsOf(address: string): string[] {
  return address.split(/(?=[@.])/);
}

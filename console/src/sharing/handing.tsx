/** A code to hand over. It is told here and nowhere else: it is never kept, not even by this page's address. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Offer } from "../api/types.ts";
import { dateAndTime } from "../format/times.ts";

interface Props {
  offer: Offer;
  as: "h2" | "h4";
  /** What else they are to know, as items of the list. */
  children: ComponentChildren;
}

export function CodeToHand({ offer, as: Heading, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <Heading class={`${Heading === "h2" ? "nhsuk-heading-m" : "nhsuk-heading-s"} tw-heading`} tabIndex={-1} ref={heading}>
        Give them this code
      </Heading>
      <p class="tw-code" translate={false}>
        {offer.code}
      </p>
      <ul class="nhsuk-list nhsuk-list--bullet">
        <li>Write it down now or read it out: it is shown only this once.</li>
        <li>Give it to them yourself. Whoever has it can use it, once, until {dateAndTime(offer.expires_at)}.</li>
        {children}
      </ul>
    </>
  );
}

/** That something was done: the design system's banner, which takes the focus, since the button that did it may be gone. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Props {
  /** Changes with each thing done, so that the same words twice are said twice. */
  turn: number;
  words: string;
  children?: ComponentChildren;
}

export function Done({ turn, words, children }: Props) {
  const heading = useRef<HTMLParagraphElement>(null);
  useEffect(() => heading.current?.focus(), [turn]);
  return (
    <div class="nhsuk-notification-banner nhsuk-notification-banner--success tw-done" role="region" aria-labelledby="done">
      <div class="nhsuk-notification-banner__header">
        <h2 class="nhsuk-notification-banner__title" id="done">
          Done
        </h2>
      </div>
      <div class="nhsuk-notification-banner__content">
        <p class="nhsuk-notification-banner__heading" tabIndex={-1} ref={heading}>
          {words}
        </p>
        {children}
      </div>
    </div>
  );
}

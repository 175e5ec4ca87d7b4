/** A page's heading: names the page in the tab and takes the focus after a move, so that a screen reader says where one is. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useServices } from "../services.ts";

interface Props {
  /** For the tab and the history; the heading's own text unless given. */
  title: string;
  children?: ComponentChildren;
  class?: string;
  /** Take the focus wherever one came from: for the next step at the same address. */
  takesFocus?: boolean;
}

export function PageHeading({ title, children, class: extra = "", takesFocus = false }: Props) {
  const { router } = useServices();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – Tendwell`;
  }, [title]);
  useEffect(() => {
    if (router.takeFocus() || takesFocus) heading.current?.focus({ preventScroll: true });
  }, [router, takesFocus, title]);
  return (
    <h1 class={`nhsuk-heading-l tw-heading ${extra}`} tabIndex={-1} ref={heading}>
      {children ?? title}
    </h1>
  );
}

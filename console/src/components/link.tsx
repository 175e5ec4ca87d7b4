/** A link inside the console: a real address, so that it can be opened in a new tab, but followed without a reload. */
import type { ComponentChildren, TargetedMouseEvent } from "preact";
import { addressOf, type Route } from "../router/routes.ts";
import { useServices } from "../services.ts";

interface Props {
  to: Route;
  children: ComponentChildren;
  class?: string;
  current?: boolean;
}

export function Link({ to, children, class: className, current = false }: Props) {
  const { router } = useServices();
  const follow = (event: TargetedMouseEvent<HTMLAnchorElement>): void => {
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!plain || event.defaultPrevented) return;
    event.preventDefault();
    router.go(to);
  };
  return (
    <a href={addressOf(to)} onClick={follow} class={className} aria-current={current ? "page" : undefined}>
      {children}
    </a>
  );
}

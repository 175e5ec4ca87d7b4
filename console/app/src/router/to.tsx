/** A link inside the app: a real address, followed without a reload. */
import type { ComponentChildren, TargetedMouseEvent } from "preact";
import { addressOf, type PageName } from "./addresses.ts";
import { useRouter } from "./context.ts";

interface Props {
  page: PageName;
  rest?: readonly string[];
  children: ComponentChildren;
  class?: string;
  current?: boolean;
}

export function To({ page, rest = [], children, class: className, current = false }: Props) {
  const router = useRouter();
  const follow = (event: TargetedMouseEvent<HTMLAnchorElement>): void => {
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!plain || event.defaultPrevented) return;
    event.preventDefault();
    router.go(page, rest);
  };
  return (
    <a href={addressOf(page, rest)} onClick={follow} class={className} aria-current={current ? "page" : undefined}>
      {children}
    </a>
  );
}

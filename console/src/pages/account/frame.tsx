/** What each page of one's own account has around it: a way back, its heading, and what was just done. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { PageHeading } from "../../components/heading.tsx";
import { Link } from "../../components/link.tsx";

export function AccountFrame({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="tw-narrow">
      <nav aria-label="Back">
        <Link to={{ page: "account", part: "overview" }} class="nhsuk-back-link">
          Your account
        </Link>
      </nav>
      <PageHeading title={title} />
      {children}
    </div>
  );
}

/** Says that something is done, and takes the focus: what was pressed may be gone from the page. */
export function Done({ children }: { children: ComponentChildren }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <div class="nhsuk-notification-banner nhsuk-notification-banner--success" aria-labelledby="done" role="region">
      <div class="nhsuk-notification-banner__header">
        <h2 class="nhsuk-notification-banner__title" id="done" tabIndex={-1} ref={title}>
          Done
        </h2>
      </div>
      <div class="nhsuk-notification-banner__content">
        <p>{children}</p>
      </div>
    </div>
  );
}

/** What each page of one's own account has around it: a way back, its errors, its heading, what was just done. */
import type { ComponentChildren } from "preact";
import { Done } from "../../components/done.tsx";
import { ErrorSummary, type FieldError } from "../../components/error_summary.tsx";
import { PageHeading } from "../../components/heading.tsx";
import { Link } from "../../components/link.tsx";
import type { WasDone } from "../../components/use_done.ts";

interface Props {
  title: string;
  errors?: readonly FieldError[];
  done?: WasDone | null;
  children: ComponentChildren;
}

export function AccountFrame({ title, errors = [], done = null, children }: Props) {
  return (
    <div class="tw-narrow">
      <nav aria-label="Back">
        <Link to={{ page: "account", part: "overview" }} class="nhsuk-back-link">
          Your account
        </Link>
      </nav>
      <ErrorSummary errors={errors} />
      {done !== null && <Done {...done} />}
      <PageHeading title={title} />
      {children}
    </div>
  );
}

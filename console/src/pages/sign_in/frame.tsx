/** What every step of signing in has around it: its errors, its heading, a form, and a way back to the door. */
import type { ComponentChildren } from "preact";
import { ErrorSummary, type FieldError } from "../../components/error_summary.tsx";
import { PageHeading } from "../../components/heading.tsx";

interface Props {
  title: string;
  errors: readonly FieldError[];
  children: ComponentChildren;
  /** Absent at the door itself. */
  onBack?: () => void;
}

export function SignInFrame({ title, errors, children, onBack }: Props) {
  return (
    <div class="tw-sign-in">
      <ErrorSummary errors={errors} />
      <PageHeading title={title} takesFocus={onBack !== undefined} />
      {children}
      {onBack !== undefined && (
        <p>
          <button type="button" class="tw-as-link" onClick={onBack}>
            Start again with your password
          </button>
        </p>
      )}
    </div>
  );
}

export function SubmitButton({ busy, busyWords, children }: { busy: boolean; busyWords: string; children: string }) {
  return (
    <button class="nhsuk-button" type="submit" aria-disabled={busy}>
      {busy ? busyWords : children}
    </button>
  );
}

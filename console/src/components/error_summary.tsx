/** The NHS design system's error summary: takes the focus when errors appear; each error leads to its field. */
import type { TargetedMouseEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";

export interface FieldError {
  /** The id of the field, or null when the error is about the whole form. */
  field: string | null;
  message: string;
}

export function ErrorSummary({ errors, reference = null }: { errors: readonly FieldError[]; reference?: string | null }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (errors.length > 0) box.current?.focus();
  }, [errors]);
  if (errors.length === 0) return null;
  return (
    <div class="nhsuk-error-summary" ref={box} tabIndex={-1}>
      <div role="alert">
        <h2 class="nhsuk-error-summary__heading">There is a problem</h2>
        <div class="nhsuk-error-summary__body">
          <ul class="nhsuk-list nhsuk-error-summary__list">
            {errors.map((error) => (
              <li key={`${error.field} ${error.message}`}>
                {error.field === null ? <span>{error.message}</span> : <FieldLink field={error.field}>{error.message}</FieldLink>}
              </li>
            ))}
          </ul>
          {reference !== null && <p class="nhsuk-body-s">Reference: {reference}</p>}
        </div>
      </div>
    </div>
  );
}

function FieldLink({ field, children }: { field: string; children: string }) {
  const go = (event: TargetedMouseEvent<HTMLAnchorElement>): void => {
    event.preventDefault();
    document.getElementById(field)?.focus();
  };
  return (
    <a href={`#${field}`} onClick={go}>
      {children}
    </a>
  );
}

/** The message of one field, if it has one. */
export function errorOf(errors: readonly FieldError[], field: string): string | null {
  return errors.find((error) => error.field === field)?.message ?? null;
}

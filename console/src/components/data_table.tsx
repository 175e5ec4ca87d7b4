/** A table that stacks into cards on a phone, as the NHS design system does it. Roles are restated: stacking hides them. */
import type { ComponentChildren } from "preact";

interface Props {
  caption: string;
  /** A caption that only names the table for a screen reader, where a heading says it already. */
  hideCaption?: boolean;
  heads: readonly { name: string; note?: string }[];
  class?: string;
  children: ComponentChildren;
}

export function DataTable({ caption, hideCaption = false, heads, class: extra = "", children }: Props) {
  return (
    <table class={`nhsuk-table nhsuk-table--responsive ${extra}`} role="table">
      <caption class={hideCaption ? "nhsuk-u-visually-hidden" : "nhsuk-table__caption nhsuk-table__caption--m"}>{caption}</caption>
      <thead class="nhsuk-table__head" role="rowgroup">
        <tr class="nhsuk-table__row" role="row">
          {heads.map(({ name, note }) => (
            <th key={name} class="nhsuk-table__header" role="columnheader" scope="col">
              {name}
              {note !== undefined && <span class="tw-muted tw-small"> {note}</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody class="nhsuk-table__body" role="rowgroup">
        {children}
      </tbody>
    </table>
  );
}

export function DataRow({ class: extra = "", children }: { class?: string; children: ComponentChildren }) {
  return (
    <tr class={`nhsuk-table__row ${extra}`} role="row">
      {children}
    </tr>
  );
}

/** A cell with its column's name, which is read where the columns are stacked. */
export function DataCell({ head, children }: { head: string; children: ComponentChildren }) {
  return (
    <td class="nhsuk-table__cell" role="cell">
      <span class="nhsuk-table__heading" aria-hidden="true">
        {head}{" "}
      </span>
      <span class="tw-cell">{children}</span>
    </td>
  );
}

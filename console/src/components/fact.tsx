/** One thing that is known, under its name, in a list of such. Line breaks that somebody typed are kept. */
import type { ComponentChildren } from "preact";

export function Fact({ name, value }: { name: string; value: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="tw-typed">{value}</dd>
    </div>
  );
}

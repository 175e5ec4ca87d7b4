/** One thing that is known, under its name, in a list of such. Line breaks that somebody typed are kept. */
export function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="tw-typed">{value}</dd>
    </div>
  );
}

/** From when and until when: at once or from a day on, without an end or until the end of a day. */
import type { TypedSpan } from "../format/span_entry.ts";
import { DateField, RadiosField } from "./choice_fields.tsx";
import { errorOf, type FieldError } from "./error_summary.tsx";

const EXAMPLE = "For example, 27 3 2027";

interface Props {
  span: TypedSpan;
  errors: readonly FieldError[];
  onChange: (change: Partial<TypedSpan>) => void;
  /** What each choice is called. */
  words: { readonly now: string; readonly later: string; readonly never: string; readonly on: string };
}

export function SpanFields({ span, errors, onChange, words }: Props) {
  return (
    <>
      <RadiosField
        id="begins"
        legend="From when?"
        value={span.begins}
        onValue={(begins) => onChange({ begins })}
        choices={[
          { value: "now", words: words.now },
          { value: "later", words: words.later },
        ]}
      />
      {span.begins === "later" && (
        <DateField id="from" legend="First day" hint={EXAMPLE} value={span.from} onValue={(from) => onChange({ from })} error={errorOf(errors, "from")} />
      )}
      <RadiosField
        id="ends"
        legend="Until when?"
        value={span.ends}
        onValue={(ends) => onChange({ ends })}
        choices={[
          { value: "never", words: words.never },
          { value: "on", words: words.on },
        ]}
      />
      {span.ends === "on" && (
        <DateField id="until" legend="Last day" hint={EXAMPLE} value={span.until} onValue={(until) => onChange({ until })} error={errorOf(errors, "until")} />
      )}
    </>
  );
}

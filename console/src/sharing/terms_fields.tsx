/** Who somebody is to a person, and what they may do for them: asked alike of the person and of who records it by law. */
import type { Delegate, Scope } from "../api/types.ts";
import { CheckboxesField } from "../components/choice_fields.tsx";
import { SelectField, type Said } from "../components/fields.tsx";
import { RELATIONSHIPS } from "../format/sharing.ts";

type Relationship = Delegate["relationship"];

interface RelationshipProps extends Said {
  label: string;
  among: readonly Relationship[];
  value: Relationship | "";
  onValue: (value: Relationship | "") => void;
}

export function RelationshipField({ among, onValue, ...field }: RelationshipProps) {
  return (
    <SelectField
      {...field}
      onValue={(value) => onValue(value as Relationship | "")}
      choices={[{ value: "", words: "Choose" }, ...among.map((value) => ({ value, words: RELATIONSHIPS[value] }))]}
    />
  );
}

interface ScopesProps extends Said {
  among: readonly { scope: Scope; words: string; hint: string }[];
  values: readonly Scope[];
  onValues: (values: readonly Scope[]) => void;
}

export function ScopesField({ among, ...field }: ScopesProps) {
  return <CheckboxesField {...field} legend="What may they do?" choices={among.map(({ scope, ...told }) => ({ value: scope, ...told }))} />;
}

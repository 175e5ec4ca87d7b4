/** One thing at a time that the reader asks for: whether it is under way, and why it was refused. Knows no route. */
import { useRef, useState } from "preact/hooks";
import { refusalInWords } from "../../api/refusals.ts";
import type { FieldError } from "../../components/error_summary.tsx";

export interface Deed {
  readonly busy: boolean;
  readonly errors: readonly FieldError[];
  readonly refuse: (errors: FieldError[]) => void;
  /** Does it unless something is under way; true when it succeeded. `fields`: the field that each pointer of a refusal belongs to. */
  readonly attempt: (act: () => Promise<unknown>, fields?: Readonly<Record<string, string>>) => Promise<boolean>;
}

export function useDeed(): Deed {
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [busy, setBusy] = useState(false);
  const underWay = useRef(false);
  const attempt: Deed["attempt"] = async (act, fields = {}) => {
    if (underWay.current) return false;
    underWay.current = true;
    setBusy(true);
    setErrors([]);
    try {
      await act();
      return true;
    } catch (error) {
      setErrors(refusalInWords(error, fields));
      return false;
    } finally {
      underWay.current = false;
      setBusy(false);
    }
  };
  return { busy, errors, refuse: setErrors, attempt };
}

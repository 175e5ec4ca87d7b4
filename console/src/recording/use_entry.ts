/** A form for a reading in use: what is typed, what was said against it, and sending it. How it is sent it is told. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { VitalSign } from "../api/types.ts";
import { useCatalogue } from "../catalogue.ts";
import type { FieldError } from "../components/error_summary.tsx";
import type { Draft } from "./draft.ts";
import { answered, changed, entryOf, judged, reopened, unitTaken, unsaid, type Entry } from "./entry.ts";
import { attemptFor, type Attempt, type Sent } from "./sending.ts";
import type { Offer } from "./units.ts";

interface Terms {
  /** What stands in the form at first. */
  readonly begin: Draft;
  readonly faultsOf: (draft: Draft, sign: VitalSign | undefined) => readonly FieldError[];
  readonly deliver: (sign: VitalSign, attempt: Attempt, confirmed: boolean) => Promise<Sent>;
}

export interface EntryInHand {
  readonly entry: Entry;
  readonly sign: VitalSign | undefined;
  readonly busy: boolean;
  readonly change: (change: Partial<Draft>) => void;
  readonly take: (offer: Offer) => void;
  /** Forget what was said against it: other fields stand there now. */
  readonly unsay: () => void;
  readonly send: (confirmed: boolean) => void;
  readonly reopen: () => void;
  readonly again: () => void;
}

export function useEntry({ begin, faultsOf, deliver }: Terms): EntryInHand {
  const catalogue = useCatalogue();
  const [entry, setEntry] = useState(() => entryOf(begin));
  const [busy, setBusy] = useState(false);
  const attempt = useRef<Attempt | null>(null);
  const sign = catalogue.get(entry.draft.sign);
  useFocusOnTaken(entry);
  const send = async (confirmed: boolean): Promise<void> => {
    if (busy) return;
    const faults = faultsOf(entry.draft, sign);
    setEntry((before) => judged(before, faults));
    if (sign === undefined || faults.length > 0) return;
    setBusy(true);
    attempt.current = attemptFor(entry.draft, attempt.current);
    const sent = await deliver(sign, attempt.current, confirmed);
    setBusy(false);
    setEntry((before) => answered(before, sent));
  };
  return {
    entry,
    sign,
    busy,
    change: (change) => setEntry((before) => changed(before, change)),
    take: (offer) => setEntry((before) => unitTaken(before, offer, sign)),
    unsay: () => setEntry(unsaid),
    send: (confirmed) => void send(confirmed),
    reopen: () => setEntry(reopened),
    again: () => {
      attempt.current = null;
      setEntry(entryOf(begin));
    },
  };
}

/** The button that was pressed is gone then: the focus goes to the number, to be looked at again. */
function useFocusOnTaken({ taken }: Entry): void {
  useEffect(() => {
    if (taken !== null) document.getElementById(taken.field)?.focus();
  }, [taken]);
}

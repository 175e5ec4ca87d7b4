/** A reading that is unusual is asked about once more: with its limit, the likely unit, and where to turn. */
import type { VitalSign } from "../api/types.ts";
import { useFocusOnShow } from "../components/use_focus_on_show.ts";
import { WhereToTurn } from "../components/where_to_turn.tsx";
import type { Draft } from "./draft.ts";
import { TakeUnit } from "./fields.tsx";
import type { Hint, Offer } from "./units.ts";
import { whyUnusual } from "./unusual.ts";

interface Props {
  draft: Draft;
  sign: VitalSign;
  /** The reading, said as it would stand. */
  words: string;
  hint: Hint | null;
  own: boolean;
  busy: boolean;
  onTake: (offer: Offer) => void;
  onYes: () => void;
  onNo: () => void;
}

export function Confirm({ draft, sign, words, hint, own, busy, onTake, onYes, onNo }: Props) {
  const heading = useFocusOnShow();
  return (
    <div class="nhsuk-warning-callout tw-form">
      <h2 class="nhsuk-warning-callout__label" tabIndex={-1} ref={heading}>
        Check this reading
      </h2>
      <p class="tw-said">{words}</p>
      {whyUnusual(draft, sign).map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {hint !== null && <p>{hint.words}</p>}
      {hint !== null && hint.offer !== null && <TakeUnit offer={hint.offer} onTake={onTake} />}
      <p>If you can, measure again before you confirm.</p>
      <WhereToTurn own={own} />
      <div class="nhsuk-button-group">
        <button type="button" class="nhsuk-button" aria-disabled={busy} onClick={onYes}>
          {busy ? "Recording…" : "The reading is right"}
        </button>
        <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={onNo}>
          Change it
        </button>
      </div>
    </div>
  );
}

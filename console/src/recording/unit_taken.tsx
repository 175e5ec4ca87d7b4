/** Said to whoever listens when a button has changed the unit: the button itself is gone by then. */
import type { Entry } from "./entry.ts";

export function UnitTaken({ entry: { taken } }: { entry: Entry }) {
  return (
    <p class="nhsuk-u-visually-hidden" role="status">
      {taken !== null && `The unit is now ${taken.words}.`}
    </p>
  );
}

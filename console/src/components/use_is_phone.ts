/** Whether the window is as narrow as a phone's, now and after it is turned: below the design system's "tablet" width. */
import { useEffect, useState } from "preact/hooks";

// In em, as the design system's own: who enlarges the text gets the phone's layout sooner. 641 px at 16 px.
const TABLET = "(min-width: 40.0625em)";

export function useIsPhone(): boolean {
  const [width] = useState(() => window.matchMedia(TABLET));
  const [wide, setWide] = useState(width.matches);
  useEffect(() => {
    const told = (): void => setWide(width.matches);
    told();
    width.addEventListener("change", told);
    return () => width.removeEventListener("change", told);
  }, [width]);
  return !wide;
}

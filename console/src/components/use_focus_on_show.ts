/** A heading that takes the focus when it is first shown: for what comes in the place of what was there. */
import { useEffect, useRef } from "preact/hooks";

export function useFocusOnShow() {
  const element = useRef<HTMLHeadingElement>(null);
  useEffect(() => element.current?.focus(), []);
  return element;
}

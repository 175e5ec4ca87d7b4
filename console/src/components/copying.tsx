/** A button that copies something to be given on elsewhere, and says that it has. Nothing where the browser lets no page copy. */
import { useState } from "preact/hooks";

interface Props {
  text: string;
  /** "Copy the NHS number". */
  words: string;
}

export function CopyButton({ text, words }: Props) {
  const [said, setSaid] = useState("");
  // Browsers have it at addresses with TLS, and at this machine's own, alone.
  if (navigator.clipboard === undefined) return null;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
    } catch {
      setSaid("It could not be copied: select it and copy it by hand.");
    }
  };
  return (
    <>
      <button type="button" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small tw-opener" onClick={() => void copy()}>
        {words}
      </button>{" "}
      <span role="status">{said}</span>
    </>
  );
}

/** Ten recovery codes, shown this once: to be copied, printed or written down before one goes on. */
import { useState } from "preact/hooks";

interface Props {
  codes: readonly string[];
  onKept: () => void;
}

export function RecoveryCodes({ codes, onKept }: Props) {
  const [said, setSaid] = useState("");
  const copy = (): void => {
    copied(codes.join("\n")).then(
      () => setSaid("Copied. Paste them where only you can read them."),
      () => setSaid("They could not be copied here. Select them, or write them down."),
    );
  };
  return (
    <div class="tw-codes">
      <p>
        If you lose your phone, each of these gets you in once, in the place of the app's code. <strong>They are not shown again.</strong>{" "}
        Keep them where only you can read them, and not on the phone that has the app.
      </p>
      <ul class="tw-codes__list" aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div class="tw-buttons tw-not-printed">
        <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={copy}>
          Copy
        </button>
        <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={() => window.print()}>
          Print
        </button>
      </div>
      <p role="status">{said}</p>
      <button type="button" class="nhsuk-button tw-not-printed" onClick={onKept}>
        I have kept them
      </button>
    </div>
  );
}

/** Browsers withhold the clipboard from pages served without TLS. */
async function copied(text: string): Promise<void> {
  if (!("clipboard" in navigator)) throw new Error("no clipboard");
  await navigator.clipboard.writeText(text);
}

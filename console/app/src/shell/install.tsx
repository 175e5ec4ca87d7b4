/** How to put the app on the home screen: by the browser's own question where it has one, else in words. */
import { useEffect, useState } from "preact/hooks";
import { useWords } from "./words.ts";

/** Not in the types of the page: Chromium's alone. */
interface Prompt extends Event {
  prompt(): Promise<unknown>;
}

let held: Prompt | null = null;
const listeners = new Set<() => void>();

/** Keep the browser's question until the person asks for it: it comes by itself, and would be gone. */
export function holdPrompt(page: Window): void {
  page.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    held = event as Prompt;
    for (const listener of listeners) listener();
  });
}

export function InstallHint() {
  const words = useWords();
  const [prompt, setPrompt] = useState(held);
  useEffect(() => {
    const listen = (): void => setPrompt(held);
    listeners.add(listen);
    return () => void listeners.delete(listen);
  }, []);
  if (window.matchMedia("(display-mode: standalone)").matches) return null;
  return (
    <section class="ta-setting">
      <h2 class="nhsuk-heading-s">{words.install}</h2>
      {prompt === null ? (
        <p>{words.installHow}</p>
      ) : (
        <button type="button" class="nhsuk-button nhsuk-button--secondary" onClick={() => void prompt.prompt()}>
          {words.installNow}
        </button>
      )}
    </section>
  );
}

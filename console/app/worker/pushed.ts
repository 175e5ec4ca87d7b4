/**
 * What a push says (docs/notifications.md): an id, a kind, a language. Its text is not shown: a lock screen is read by whoever
 * holds the phone, so what stands there is one of the few sentences that the app was built with, whoever sent the push. Pure.
 */
import words from "../src/reference/notices.json";

export interface Pushed {
  readonly id: string;
  readonly kind: string;
  readonly language: string;
}

/** What is shown of a push. */
export interface Shown {
  readonly body: string;
  readonly lang: string;
  /** The same notice twice stands once. */
  readonly tag: string;
}

const TITLE = "Tendwell";
const SENTENCES: Readonly<Record<string, Readonly<Record<string, string>>>> = words;
/** In both languages, for what this edition of the app has never heard of: a browser asks that something be shown. */
const UNKNOWN = `${words.something_new.en} · ${words.something_new.cy}`;

/** What the push holds; null when it is no push of ours. */
export function pushedOf(text: string | undefined): Pushed | null {
  try {
    const said: unknown = JSON.parse(text ?? "");
    if (typeof said !== "object" || said === null || !("kind" in said) || !("id" in said)) return null;
    const { id, kind } = said;
    if (typeof kind !== "string" || typeof id !== "string") return null;
    return { id, kind, language: "language" in said && typeof said.language === "string" ? said.language : "" };
  } catch {
    return null;
  }
}

/** What is shown of it, under the app's name. */
export function shownOf(pushed: Pushed | null): Shown {
  const tag = pushed?.id ?? TITLE;
  if (pushed === null || !Object.hasOwn(SENTENCES, pushed.kind)) return { body: UNKNOWN, lang: "en", tag };
  const sentences = SENTENCES[pushed.kind] ?? {};
  const lang = pushed.language === "cy" ? "cy" : "en";
  return { body: sentences[lang] ?? UNKNOWN, lang, tag };
}

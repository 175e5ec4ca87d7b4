/** What the API says of one's own numbers, by its key and parameters, in the app's words; its own English where they are not known. Pure. */
import type { components } from "#console/api/schema.gen.ts";
import type { Key, Words } from "../words/words.ts";

type Schemas = components["schemas"];
export type OwnNumbers = Schemas["NumbersOut"];
type Message = Schemas["MessageOut"];

const DATES: ReadonlySet<string> = new Set(["on", "first_on", "last_on", "lowest_on", "best_on", "since"]);

export interface Said {
  readonly text: string;
  /** Whether it is the API's English, because the app has no words for it. */
  readonly isEnglish: boolean;
}

/** A message in words: dates as they are said, a sign by its name. */
export function saidOf(message: Message, words: Words): Said {
  const key = `own.${message.key}`;
  if (!words.knows(key)) return { text: message.english, isEnglish: words.lang !== "en" };
  const values = Object.fromEntries(Object.entries(message.parameters as Record<string, string | number>).map(([name, value]) => [name, DATES.has(name) ? words.date(value) : value]));
  const { sign, part } = values;
  if (typeof sign === "string") {
    const named = words.named("sign", sign);
    values["name"] = typeof part === "string" ? `${named} (${words.named("part", part)})` : named;
  }
  return { text: words.fill(key as Key, values), isEnglish: false };
}

/** A caveat in words. */
export function caveatOf(caveat: Schemas["CaveatOut"], words: Words): Said {
  const key = `caveat.${caveat.key}`;
  return words.knows(key) ? { text: words.fill(key as Key, {}), isEnglish: false } : { text: caveat.english, isEnglish: words.lang !== "en" };
}

/**
 * What the app says, by key, in the language that was chosen. The keys, and which values each needs, follow from the English
 * messages; the Welsh ones must have the same, or nothing compiles. Knows no page and no reading.
 */
import { cy } from "./cy/index.ts";
import { datesOf, type Dates } from "./dates.ts";
import { en } from "./en/index.ts";
import { pluralOf, type EnglishPlural, type Lang, type WelshPlural } from "./plurals.ts";

export { LANGS, type Lang } from "./plurals.ts";

type Messages = typeof en;
/** The name of a message. */
export type Key = keyof Messages;

type NamesIn<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
type NamesOf<Message> = Message extends EnglishPlural ? NamesIn<Message["other"]> | "count" : NamesIn<Message>;
/** The values that a message needs: none, or one for each of its names. */
export type ValuesOf<K extends Key> = [NamesOf<Messages[K]>] extends [never] ? [] : [values: Readonly<Record<NamesOf<Messages[K]>, string | number>>];

const MESSAGES: Record<Lang, Record<Key, string | EnglishPlural | WelshPlural>> = { en, cy };

/** The messages of one language, and its dates and numbers. */
export interface Words extends Dates {
  readonly lang: Lang;
  readonly say: <K extends Key>(key: K, ...values: ValuesOf<K>) => string;
  /** What an API's key is called here; the key's own words where the app has never heard of it. */
  readonly named: (area: string, key: string) => string;
  /** Whether there is a message of this name: for names that the API tells. */
  readonly knows: (key: string) => boolean;
  /** A message whose name and values the API tells; what it does not tell stays as it is written. */
  readonly fill: (key: Key, values: Readonly<Record<string, string | number>>) => string;
  /** "1,234.5", with as many decimals as are asked for, and no more than the most. */
  readonly number: (value: number, least?: number, most?: number) => string;
  /** "a, b and c". */
  readonly list: (parts: readonly string[]) => string;
}

/** The words of a language, with times as the clocks of a zone show them. */
export function wordsOf(lang: Lang, timeZone: string): Words {
  const messages = MESSAGES[lang];
  const say = <K extends Key>(key: K, ...[values]: ValuesOf<K>): string => filled(textOf(messages[key], values, lang), values);
  return {
    lang,
    say,
    named: (area, key) => {
      const found = (messages as Record<string, unknown>)[`${area}.${key}`];
      return typeof found === "string" ? found : key.replaceAll(/[_-]/g, " ");
    },
    knows: (key) => Object.hasOwn(messages, key),
    fill: (key, values) => filled(textOf(messages[key], values, lang), values),
    number: numberOf,
    list: (parts) => listed(parts, lang),
    ...datesOf(timeZone, say),
  };
}

type Values = Readonly<Record<string, string | number>> | undefined;

function textOf(message: string | EnglishPlural | WelshPlural, values: Values, lang: Lang): string {
  if (typeof message === "string") return message;
  const forms: Partial<Record<Intl.LDMLPluralRule, string>> = message;
  return forms[pluralOf(lang, Number(values?.["count"]))] ?? message.other;
}

function filled(text: string, values: Values): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values?.[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? numberOf(value) : value;
  });
}

/** Welsh writes numbers as English does, and browsers without Welsh would write them as Americans do. */
function numberOf(value: number, least = 0, most = Math.max(least, 2)): string {
  return value.toLocaleString("en-GB", { minimumFractionDigits: least, maximumFractionDigits: most, useGrouping: Math.abs(value) >= 10_000 });
}

/** Welsh "and" is "ac" before a vowel; written here, since browsers' own lists have no Welsh, or say "a(c)". */
function listed(parts: readonly string[], lang: Lang): string {
  const last = parts.at(-1) ?? "";
  if (parts.length < 2) return last;
  const and = lang === "en" ? "and" : /^[aeiouwyâêîôûŵŷ]/i.test(last) ? "ac" : "a";
  return `${parts.slice(0, -1).join(", ")} ${and} ${last}`;
}

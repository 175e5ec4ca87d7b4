/** Which form of a message a number asks for. English has two; Welsh has six, after which nouns also change their first letter. Pure. */

export const LANGS = ["en", "cy"] as const;
/** A language that the app speaks: English or Welsh. */
export type Lang = (typeof LANGS)[number];

export interface EnglishPlural {
  readonly one: string;
  readonly other: string;
}

export interface WelshPlural {
  readonly zero: string;
  readonly one: string;
  readonly two: string;
  readonly few: string;
  readonly many: string;
  readonly other: string;
}

/** The Welsh messages that go with these English ones: the same keys, text for text and all six forms for a plural. */
export type WelshOf<English> = { readonly [K in keyof English]: English[K] extends string ? string : WelshPlural };

const RULES = { en: new Intl.PluralRules("en-GB"), cy: new Intl.PluralRules("cy-GB") } as const;

/** The form for a number, by Unicode's plural rules (CLDR). */
export function pluralOf(lang: Lang, count: number): Intl.LDMLPluralRule {
  return RULES[lang].select(count);
}

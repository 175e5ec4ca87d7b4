import { describe, expect, test } from "vitest";
import { cy } from "../src/words/cy/index.ts";
import { dayOf } from "../src/words/dates.ts";
import { en } from "../src/words/en/index.ts";
import { wordsOf, type Key } from "../src/words/words.ts";

const LONDON = "Europe/London";
const namesIn = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "").sort();
const formsOf = (message: string | object): string[] => (typeof message === "string" ? [message] : Object.values(message));
const keys = Object.keys(en) as Key[];

describe("the messages of both languages", () => {
  test("have the same keys", () => {
    expect(Object.keys(cy).sort()).toEqual([...keys].sort());
  });

  test.each(keys)("%s needs the same values in both", (key) => {
    const needed = namesIn(formsOf(en[key]).at(-1) ?? "");
    for (const form of [...formsOf(en[key]), ...formsOf(cy[key])]) {
      // A form for none, or for one, may leave the number out: "Every day".
      expect(needed.filter((name) => name !== "count")).toEqual(namesIn(form).filter((name) => name !== "count"));
      expect(needed).toEqual(expect.arrayContaining(namesIn(form)));
    }
  });

  test("have a form for each number in Welsh, which changes the noun", () => {
    const { say } = wordsOf("cy", LONDON);
    expect([0, 1, 2, 3, 6, 4].map((count) => say("ago.days", { count }))).toEqual([
      "0 diwrnod yn ôl", "1 diwrnod yn ôl", "2 ddiwrnod yn ôl", "3 diwrnod yn ôl", "6 diwrnod yn ôl", "4 diwrnod yn ôl",
    ]);
    expect(wordsOf("en", LONDON).say("ago.days", { count: 1 })).toBe("1 day ago");
  });

  test("leave no name unfilled and no text empty", () => {
    for (const key of keys) for (const form of [...formsOf(en[key]), ...formsOf(cy[key])]) expect(form.trim()).not.toBe("");
    expect(wordsOf("en", LONDON).say("goals.why", { why: "for {why}" })).toBe("Why it matters: for {why}");
  });
});

describe("dates and lists", () => {
  const MARCH = Date.parse("2026-03-02T09:05:00Z");

  test("are Welsh in Welsh, whether or not the browser has it", () => {
    const words = wordsOf("cy", LONDON);
    expect(words.date(MARCH)).toBe("2 Mawrth 2026");
    expect(words.day("2026-03-02")).toBe("Dydd Llun 2 Mawrth");
    expect(words.list(["afal", "oren"])).toBe("afal ac oren");
    expect(words.list(["afal", "oren", "pêl"])).toBe("afal, oren a pêl");
  });

  test("are by the person's clock, not by the phone's", () => {
    const at = Date.parse("2026-07-01T23:30:00Z");
    expect(dayOf(at, LONDON)).toBe("2026-07-02");
    expect(wordsOf("en", LONDON).dateTime(at)).toBe("2 July 2026, 00:30");
    expect(wordsOf("en", "America/New_York").dateTime(at)).toBe("1 July 2026, 19:30");
  });

  test("a plain date is nobody's midnight", () => {
    expect(wordsOf("en", "America/New_York").date("2026-10-25")).toBe("25 October 2026");
  });

  test("an age is never negative, and an instant that cannot be read has none", () => {
    const { ago } = wordsOf("en", LONDON);
    expect(ago(MARCH + 5000, MARCH)).toBe("just now");
    expect(ago("nonsense", MARCH)).toBe("at an unknown time");
    expect(ago(MARCH - 3 * 3_600_000, MARCH)).toBe("3 hours ago");
  });
});

const TSX = import.meta.glob("../src/**/*.tsx", { query: "?raw", import: "default", eager: true });

describe("the pages", () => {
  test.each(Object.entries(TSX) as [string, string][])("%s has no words of its own", (_, source) => {
    const text = source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    const between = [...text.matchAll(/(?<!=)>\s*([^<>{}=;()]*[A-Za-z]{2,}[^<>{}=;()]*)\s*<\/?[a-zA-Z]/g)].map(([, said]) => said?.trim());
    const told = [...text.matchAll(/\b(?:label|title|aria-label|alt|placeholder|hint|legend)="([^"]*[A-Za-z]{2,}[^"]*)"/g)].map(([, said]) => said);
    expect([...between, ...told].filter((said) => said !== "Tendwell")).toEqual([]);
  });
});

const SOURCES = Object.values(import.meta.glob(["../src/**/*.ts", "../src/**/*.tsx", "!../src/words/*/*.ts"], { query: "?raw", import: "default", eager: true }) as Record<string, string>).join("\n");
/** Messages whose names the API or a list tells: said by their area and a key. */
const TOLD = /^(month|care\.(by|drafted|section)|weekday|sign|part|acvpu|symptom|level|party|own|caveat|ago|goals\.(status|standing|scale|side|side_name|measure|not_enough)|checkins\.(band|phq-9|gad-7|mrc-dyspnoea)|device\.(ending|why)|plan\.rest|numbers\.span|reminders\.state|today\.skip|zone)\./;

describe("each message", () => {
  test.each(keys.filter((key) => !TOLD.test(`${key}.`)))("%s is said somewhere", (key) => {
    const inTemplate = [...SOURCES.matchAll(/`([a-z0-9_.]+)\.\$\{/g)].some(([, area]) => key.startsWith(`${area}.`));
    expect(SOURCES.includes(`"${key}"`) || inTemplate).toBe(true);
  });
});

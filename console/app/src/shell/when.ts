/** An instant in words: the day and the time, in the zone in which the person's days are reckoned. Pure. */
import { dayBefore, dayOf } from "../words/dates.ts";
import type { Language } from "../words/language.ts";
import { wordsOf } from "../words/words.ts";

interface Words {
  readonly today_: string;
  readonly yesterday: string;
  readonly at: (day: string, time: string) => string;
}

/** "today at 14:05", "12 November 2026 at 09:00". `now`: milliseconds since the epoch. */
export function instantInWords(instant: string, zone: string, now: number, language: Language, words: Words): string {
  const { date, time } = wordsOf(language, zone);
  const [day, today] = [dayOf(instant, zone), dayOf(now, zone)];
  const named = day === today ? words.today_ : day === dayBefore(today) ? words.yesterday : null;
  return words.at(named ?? date(instant), time(instant));
}

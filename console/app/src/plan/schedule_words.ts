/** When an action is to be done, in words; the exact days are listed beside it, so that the words need not say everything. Pure. */
import { ruleOf, type Schedule } from "../days/rule.ts";
import type { Words } from "../words/words.ts";

const EVERY = { DAILY: "schedule.daily", WEEKLY: "schedule.weekly", MONTHLY: "schedule.monthly", YEARLY: "schedule.yearly" } as const;

/** "Every week on Monday and Friday at 08:00". A rule by days of the month says "on the days below". */
export function scheduleInWords(schedule: Schedule, words: Words): string {
  const { say, list } = words;
  const rule = ruleOf(schedule.rrule);
  if (rule === null) return say("schedule.see_days");
  const times = schedule.times.map((time) => time.slice(0, 5));
  const timed = (when: string): string => (times.length === 0 ? when : say("schedule.at", { when, times: list(times) }));
  if (rule.count === 1) return timed(say("schedule.once", { date: words.date(schedule.starts_on) }));
  const every = say(EVERY[rule.frequency as keyof typeof EVERY], { count: rule.interval });
  const isPlain = rule.monthDays.length === 0 && rule.months.length === 0 && rule.weekdays.every(({ place }) => place === 0);
  if (!isPlain || rule.frequency === "MONTHLY" || rule.frequency === "YEARLY") return timed(`${every} (${say("schedule.see_days").toLocaleLowerCase(words.lang)})`);
  // Of the rule, 0 is Monday; of the messages, Sunday.
  const days = rule.weekdays.map(({ day }) => say(`weekday.${((day + 1) % 7) as 0}`));
  const on = days.length === 0 ? every : say("schedule.on", { every, days: list(days) });
  return timed(rule.until === null ? on : say("schedule.until", { when: on, date: words.date(rule.until) }));
}

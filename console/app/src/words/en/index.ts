/** Every English message by its key; the keys of the app are these. */
import { back } from "./back.ts";
import { care } from "./care.ts";
import { checkins } from "./checkins.ts";
import { common } from "./common.ts";
import { feedback } from "./feedback.ts";
import { goals } from "./goals.ts";
import { numbers } from "./numbers.ts";
import { people } from "./people.ts";
import { plan } from "./plan.ts";
import { record } from "./record.ts";
import { reminders } from "./reminders.ts";
import { rests } from "./rests.ts";
import { signs } from "./signs.ts";
import { today } from "./today.ts";

export const en = { ...back, ...care, ...checkins, ...common, ...feedback, ...goals, ...numbers, ...people, ...plan, ...record, ...reminders, ...rests, ...signs, ...today } as const;

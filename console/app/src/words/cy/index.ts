/** Every Welsh message, under the English keys. Not checked by a professional translator yet: see console/README.md. */
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

export const cy = { ...back, ...care, ...checkins, ...common, ...feedback, ...goals, ...numbers, ...people, ...plan, ...record, ...reminders, ...rests, ...signs, ...today } as const;

/** Which page stands at which address: one file a page. */
import type { ComponentType } from "preact";
import type { PageName } from "../router/addresses.ts";
import { MorePage } from "../shell/more.tsx";
import { SettingsPage } from "../shell/settings.tsx";
import { UnsentPage } from "../shell/unsent.tsx";
import { CarePlanPage } from "./care_plan.tsx";
import { CheckInsPage } from "./check_ins.tsx";
import { DelegatesPage } from "./delegates.tsx";
import { FeedbackPage } from "./feedback.tsx";
import { GoalsPage } from "./goals.tsx";
import { LookedPage } from "./looked.tsx";
import { NumbersPage } from "./numbers.tsx";
import type { PageProps } from "./page.ts";
import { PlanPage } from "./plan.tsx";
import { RecordPage } from "./record.tsx";
import { TodayPage } from "./today.tsx";

/** Signing in stands before all of these, at whatever address one came for. */
export const PAGES: Readonly<Record<Exclude<PageName, "sign_in">, ComponentType<PageProps>>> = {
  today: TodayPage,
  record: RecordPage,
  numbers: NumbersPage,
  plan: PlanPage,
  more: MorePage,
  care_plan: CarePlanPage,
  goals: GoalsPage,
  check_ins: CheckInsPage,
  looked: LookedPage,
  delegates: DelegatesPage,
  feedback: FeedbackPage,
  unsent: UnsentPage,
  settings: SettingsPage,
};

/** The tabs at the foot, in their order. */
export const TABS = ["today", "record", "numbers", "plan", "more"] as const;
export type Tab = (typeof TABS)[number];

/** Under which tab each page that is none itself stands. */
export const TAB_OF: Readonly<Record<PageName, Tab>> = {
  today: "today",
  record: "record",
  numbers: "numbers",
  plan: "plan",
  more: "more",
  care_plan: "plan",
  goals: "plan",
  check_ins: "record",
  looked: "more",
  delegates: "more",
  feedback: "more",
  unsent: "more",
  settings: "more",
  sign_in: "today",
};

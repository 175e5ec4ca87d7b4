import { describe, expect, test } from "vitest";
import { addressOf, routeOf, type Route } from "../src/router/routes.ts";
import { homeOf, mayOpen, pagesFor } from "../src/session/roles.ts";
import type { Account, Role } from "../src/api/types.ts";

const ID = "0195d1c0-0000-7000-8000-0000000000d1";

describe("addresses", () => {
  const every: Route[] = [
    { page: "home" },
    { page: "sign_in" },
    { page: "invitation", to: "role" },
    { page: "invitation", to: "record" },
    { page: "new_password" },
    { page: "forgotten_password" },
    { page: "privacy" },
    { page: "account", part: "overview" },
    { page: "account", part: "password" },
    { page: "account", part: "second-step" },
    { page: "account", part: "passkeys" },
    { page: "account", part: "sessions" },
    { page: "board" },
    { page: "outcomes" },
    { page: "patient", id: ID, tab: "overview" },
    { page: "patient", id: ID, tab: "record" },
    { page: "mine", tab: "overview" },
    { page: "mine", tab: "plan" },
    { page: "sharing", part: "people" },
    { page: "sharing", part: "invite" },
    { page: "sharing", part: "looked" },
    { page: "acting" },
    { page: "acting_for", id: ID, tab: "overview" },
    { page: "acting_for", id: ID, tab: "choices" },
    { page: "access", id: ID },
    { page: "emergency" },
    { page: "privacy_alerts" },
    { page: "requests" },
    { page: "care_teams" },
    { page: "organisations" },
    { page: "accounts" },
    { page: "one_account", id: ID },
    { page: "invitations" },
  ];
  test.each(every)("the address of $page leads back to it", (route) => {
    expect(routeOf(addressOf(route))).toEqual(route);
  });

  test.each([
    "/console/nothing",
    "/console/patients/not-an-id",
    `/console/patients/${ID}/nothing`,
    `/console/patients/${ID}/goals/more`,
    `/console/patients/${ID}/overview`,
    "/console/outcomes/more",
    "/console/account/nothing",
    "/console/account/overview",
    "/console/account/sessions/more",
    "/console/constructor",
    "/console/my-record/people",
    "/console/my-record/choices/more",
    "/console/acting-for/not-an-id",
    `/console/acting-for/${ID}/invite`,
    `/console/accounts/${ID}/more`,
    "/console/emergency-access/now",
    "/consoles",
    "/v1/board",
  ])("%s is no page", (path) => {
    expect(routeOf(path)).toEqual({ page: "unknown" });
  });

  test("a slash at the end changes nothing", () => {
    expect(routeOf("/console/")).toEqual({ page: "home" });
    expect(routeOf("/console")).toEqual({ page: "home" });
    expect(routeOf("/console/patients/")).toEqual({ page: "board" });
  });
});

describe("pages by role", () => {
  const account = (roles: Role[], patientId: string | null = null, acts = false): Account =>
    ({
      id: ID,
      display_name: "Someone",
      email: "someone@example.org",
      patient_id: patientId,
      acts_for_others: acts,
      roles: roles.map((role) => ({ role, organisation: { id: ID, name: "Rowan Surgery" } })),
    }) as unknown as Account;
  const names = (of: Account): string[] => pagesFor(of).map((page) => page.name);

  test("clinicians and care-home staff have the board, commissioners the outcomes", () => {
    expect(names(account(["clinician"]))).toEqual(["Patients", "Plans", "Care teams", "Requests", "Emergency access"]);
    expect(names(account(["care_home_staff"]))).toEqual(["Patients"]);
    expect(names(account(["commissioner"]))).toEqual(["Outcomes"]);
  });

  test("a commissioner has no way to a patient's record", () => {
    expect(pagesFor(account(["commissioner"])).map((page) => page.route.page)).not.toContain("board");
  });

  test("who is neither patient nor staff may act for somebody, and comes to that page", () => {
    expect(names(account([]))).toEqual(["People I act for"]);
    expect(homeOf(account([]))).toEqual({ page: "acting" });
  });

  test("staff who act for somebody find them in the menu, and not before they do", () => {
    expect(names(account(["care_home_staff"], null, true))).toEqual(["Patients", "People I act for"]);
    expect(names(account(["commissioner"], null, true))).toEqual(["Outcomes", "People I act for"]);
    expect(homeOf(account(["care_home_staff"], null, true))).toEqual({ page: "board" });
  });

  test("anybody may be handed a code, staff too; nobody opens a page of a role that they do not hold", () => {
    expect(mayOpen(account(["commissioner"]), { page: "acting_for", id: ID, tab: "overview" })).toBe(true);
    expect(mayOpen(account(["administrator"]), { page: "board" })).toBe(false);
    expect(mayOpen(account(["administrator"]), { page: "patient", id: ID, tab: "overview" })).toBe(false);
    expect(mayOpen(account(["care_home_staff"]), { page: "emergency" })).toBe(false);
    expect(mayOpen(account(["clinician"]), { page: "sharing", part: "people" })).toBe(false);
    expect(mayOpen(account([], ID), { page: "sharing", part: "looked" })).toBe(true);
  });

  test("a patient has their own page, beside any role they hold", () => {
    expect(names(account([], ID))).toEqual(["My health", "Who can see my record", "People I act for"]);
    expect(names(account(["clinician"], ID))).toEqual(["Patients", "Plans", "Care teams", "Requests", "Emergency access", "My health", "Who can see my record"]);
  });

  test("two roles that open one page open it once", () => {
    expect(names(account(["clinician", "care_home_staff", "commissioner"]))).toEqual(["Patients", "Plans", "Care teams", "Requests", "Emergency access", "Outcomes"]);
  });

  test("who holds a role that this console does not know yet stays at the door", () => {
    const unknown = account(["auditor" as Role]);
    expect(names(unknown)).toEqual([]);
    expect(homeOf(unknown)).toEqual({ page: "home" });
  });

  test("administrators and privacy officers have their pages, and no record among them", () => {
    expect(names(account(["administrator"]))).toEqual(["Accounts", "Invitations", "Organisations"]);
    expect(names(account(["privacy_officer"]))).toEqual(["Privacy alerts", "Requests"]);
    expect(mayOpen(account(["administrator"]), { page: "one_account", id: ID })).toBe(true);
    expect(mayOpen(account(["privacy_officer"]), { page: "accounts" })).toBe(false);
  });
});

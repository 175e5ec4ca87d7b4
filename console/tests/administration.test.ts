import { describe, expect, test } from "vitest";
import { DeedKey } from "../src/api/deeds.ts";
import { Refused, Unreachable } from "../src/api/http.ts";
import {
  accountMatches,
  administeredTrees,
  flattened,
  inOrder,
  membershipInWords,
  placesFor,
  rolesAmong,
  type Branch,
} from "../src/format/administration.ts";
import { accountNumberFault, colleagues, membersInWords, onTheList, toBePutOn } from "../src/format/care_teams.ts";
import { faultsOf, EMPTY, leftInWords, loggedReasonInWords, outcomesFor, toSend, untilInWords } from "../src/format/emergency.ts";
import { CHANGED_MEANWHILE, errorsOf, isRefusal, needsConfirmation, NOTHING_HERE, referenceOf, refusalInWords } from "../src/format/refusals.ts";
import { answerOf, blocksAnother, decisionsFor, exportInWords, groundsFor, isDisputed, isOpen, isUnderWay, mayAnswer, standingInWords } from "../src/format/rights.ts";
import type { Account, Invitation, Membership, Organisation, OwnExport, Patient, RightsRequest, RoleKinds } from "../src/api/types.ts";

const organisation = (id: string, parent: string | null, name = id): Organisation => ({ id, ods_code: id, name, kind: "practice", parent_id: parent });
const refused = (status: number, slug: string, errors?: object[]): Refused =>
  new Refused(status, { type: `/problems/${slug}`, title: "No", status, detail: "The API's own words.", request_id: "r-1", errors });

describe("the key of a deed", () => {
  test("is the same for the same content until it was answered, and another then", () => {
    const key = new DeedKey();
    const first = key.of({ a: 1 });
    expect(key.of({ a: 1 })).toBe(first);
    key.answered();
    expect(key.of({ a: 1 })).not.toBe(first);
  });

  test("is another for another content: the API would refuse the same", () => {
    const key = new DeedKey();
    const first = key.of({ a: 1 });
    expect(key.of({ a: 2 })).not.toBe(first);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("what the API says against a deed", () => {
  test("absence and refusal read alike, without a number that would tell them apart", () => {
    const [hidden, forbidden] = [refused(404, "not-found"), refused(403, "not-permitted")];
    expect(refusalInWords(hidden)).toBe(NOTHING_HERE);
    expect(refusalInWords(forbidden)).toBe(NOTHING_HERE);
    expect([referenceOf(hidden), referenceOf(forbidden)]).toEqual([null, null]);
  });

  test("to be asked for the password once more is not to be refused", () => {
    const asked = refused(403, "confirmation-needed");
    expect([needsConfirmation(asked), isRefusal(asked)]).toEqual([true, false]);
    expect(needsConfirmation(refused(403, "not-permitted"))).toBe(false);
  });

  test("that somebody was quicker is said as such; a failing network keeps its own words", () => {
    expect(refusalInWords(refused(412, "changed-since"))).toBe(CHANGED_MEANWHILE);
    expect(refusalInWords(new Unreachable("x"))).toContain("cannot be reached");
    expect(referenceOf(refused(500, "internal"))).toBe("r-1");
  });

  test("stands at its field, also when it is about one item of a list", () => {
    const error = refused(422, "invalid", [
      { pointer: "/scopes/1", code: "x", message: "Not this one." },
      { pointer: "/other", code: "y", message: "Elsewhere." },
    ]);
    expect(errorsOf(error, { "/scopes": "scopes" })).toEqual([
      { field: "scopes", message: "Not this one." },
      { field: null, message: "Elsewhere." },
    ]);
    expect(errorsOf(error, { "/scope": "scope" })[0]?.field).toBeNull();
    expect(errorsOf(refused(409, "conflict"), {})).toEqual([{ field: null, message: "The API's own words." }]);
    expect(errorsOf(null, {})).toEqual([]);
  });
});

describe("the organisations that somebody administers", () => {
  const all = [organisation("ICB", null), organisation("NET", "ICB"), organisation("P2", "NET"), organisation("P10", "NET"), organisation("ELSE", "ICB")];
  const account = (...at: [string, string][]): Account =>
    ({ roles: at.map(([role, id]) => ({ role, organisation: { id } })) }) as unknown as Account;
  const drawn = (trees: Branch[]): string[] => flattened(trees).map(({ organisation: { id }, depth }) => `${"-".repeat(depth)}${id}`);

  test("are those below where the role is held, in the order of their names, and no others", () => {
    expect(drawn(administeredTrees(all, account(["administrator", "NET"])))).toEqual(["NET", "-P2", "-P10"]);
    expect(drawn(administeredTrees(all, account(["clinician", "NET"])))).toEqual([]);
  });

  test("are one tree for who administers a network and a practice in it", () => {
    expect(drawn(administeredTrees(all, account(["administrator", "P2"], ["administrator", "NET"])))).toEqual(["NET", "-P2", "-P10"]);
    expect(drawn(administeredTrees(all, account(["administrator", "P2"], ["administrator", "ELSE"])))).toEqual(["ELSE", "P2"]);
  });
});

describe("a role", () => {
  const roles: RoleKinds[] = [
    { role: "clinician", kinds: ["practice", "network"] },
    { role: "care_home_staff", kinds: ["care_home"] },
    { role: "commissioner", kinds: ["commissioner"] },
  ];
  const [home, practice] = [{ ...organisation("H", "P"), kind: "care_home" as const }, organisation("P", null)];

  test("is offered only where it can be held, and before one is chosen wherever any can", () => {
    expect(placesFor("care_home_staff", [home, practice], roles)).toEqual([home]);
    expect(placesFor("commissioner", [home, practice], roles)).toEqual([]);
    expect(placesFor("", [home, practice], roles)).toEqual([home, practice]);
  });

  test("that can be held at none of one's organisations is not offered", () => {
    expect(rolesAmong([home, practice], roles).map(({ value }) => value)).toEqual(["clinician", "care_home_staff"]);
    expect(rolesAmong([home], roles).map(({ value }) => value)).toEqual(["care_home_staff"]);
  });
});

describe("accounts and invitations", () => {
  test("are found by the beginning of any word of the name, or by a part of the address", () => {
    const one = { display_name: "Dr Siân O'Neill", email: "sian.oneill@example.test" };
    expect(["sian", "O'Neill", "neill", "dr si", "oneill@ex", ""].map((typed) => accountMatches(one, typed))).toEqual([true, true, true, true, true, true]);
    expect(["ill dr q", "zian"].map((typed) => accountMatches(one, typed))).toEqual([false, false]);
  });

  test("a role that begins later, ends, or is over says so", () => {
    const now = Date.parse("2026-03-01T12:00:00Z");
    const held = (starts_at: string, expires_at: string | null): string =>
      membershipInWords({ role: "clinician", organisation: organisation("P", null, "Rowan"), starts_at, expires_at } as Membership, now);
    expect(held("2026-01-01T00:00:00Z", null)).toBe("Clinician at Rowan");
    expect(held("2026-04-01T09:00:00Z", null)).toMatch(/^Clinician at Rowan, from 1 Apr 2026/);
    expect(held("2026-01-01T00:00:00Z", "2026-02-01T09:00:00Z")).toMatch(/, over since 1 Feb 2026/);
    expect(held("2026-01-01T00:00:00Z", "2026-05-01T09:00:00Z")).toMatch(/, until 1 May 2026/);
  });

  test("invitations that wait come first, then the newest", () => {
    const made = (id: string, state: Invitation["state"], made_at: string): Invitation => ({ id, state, made_at }) as Invitation;
    const given = [made("a", "revoked", "2026-03-03T00:00:00Z"), made("b", "open", "2026-03-01T00:00:00Z"), made("c", "open", "2026-03-02T00:00:00Z")];
    expect(inOrder(given).map(({ id }) => id)).toEqual(["c", "b", "a"]);
  });
});

describe("an emergency", () => {
  const whole = { ...EMPTY, nhsNumber: "999 000 0018", born: { day: "29", month: "2", year: "1940" }, reasonCode: "emergency", reason: "  Not breathing well  " } as const;

  test("asks for number, birth date, code and a reason in words", () => {
    expect(faultsOf(EMPTY).map(({ field }) => field)).toEqual(["nhs-number", "born", "reason-code", "reason"]);
    expect(faultsOf({ ...whole, reason: "short    " }).map(({ field }) => field)).toEqual(["reason"]);
    expect(faultsOf(whole)).toEqual([]);
  });

  test("was open until its time was over, or until whoever opened it closed it", () => {
    const until_at = "2026-03-01T12:00:00Z";
    expect(untilInWords({ until_at, ended_at: null })).toMatch(/^1 Mar 2026, \d\d:00$/);
    expect(untilInWords({ until_at, ended_at: "2026-03-01T09:30:00Z" })).toMatch(/^1 Mar 2026, \d\d:30, when they closed it$/);
  });

  test("is sent as it was typed, without the blanks around it", () => {
    expect(toSend(whole)).toEqual({ nhs_number: "9990000018", born_on: "1940-02-29", reason_code: "emergency", reason: "Not breathing well", hours: 1 });
    expect(toSend(EMPTY)).toBeNull();
  });

  test("never says that more time is left than there is", () => {
    const minute = 60_000;
    expect(leftInWords(4 * 60 * minute - 1)).toBe("3 hours 59 minutes left");
    expect(leftInWords(61 * minute)).toBe("1 hour 1 minute left");
    expect(leftInWords(60 * minute)).toBe("1 hour left");
    expect(leftInWords(59_999)).toBe("less than a minute left");
  });

  test("its reason is read in words, whatever somebody typed after the code", () => {
    expect(loggedReasonInWords("urgent_care: fell: hip")).toBe("Urgent care: fell: hip");
    expect(loggedReasonInWords("nothing known: x")).toBe("nothing known: x");
  });

  test("what a privacy officer decided stays; what was passed on comes back with an outcome", () => {
    expect(outcomesFor("open").map(({ value }) => value)).toEqual(["upheld", "reviewed", "escalated"]);
    expect(outcomesFor("escalated").map(({ value }) => value)).toEqual(["upheld", "reviewed"]);
    expect(outcomesFor("upheld")).toEqual([]);
  });
});

describe("copies and requests", () => {
  const copy = (state: OwnExport["state"]): OwnExport => ({ id: "x", state, asked_at: "", done: 4, sections: 13, ended_at: null, expires_at: null });

  test("one copy at a time: only what is over makes room for another", () => {
    const states = ["waiting", "working", "ready", "handed_over", "expired", "failed"] as const;
    expect(states.filter((state) => blocksAnother(copy(state)))).toEqual(["waiting", "working", "ready"]);
    expect(states.filter((state) => isUnderWay(copy(state)))).toEqual(["waiting", "working"]);
  });

  test("says how far it is", () => {
    expect(exportInWords(copy("working"))).toBe("Being made: 4 of 13 parts are gathered.");
    expect(exportInWords(copy("failed"))).toContain("could not be made");
  });

  test("a request says until when it is answered, and then what came of it", () => {
    const request = (decision: RightsRequest["decision"], decided_at: string | null): RightsRequest =>
      ({ decision, decided_at, withdrawn_at: null, answer_due_on: "2026-04-01" }) as RightsRequest;
    expect(standingInWords(request(null, null))).toBe("Your practice answers by 1 April 2026");
    expect(standingInWords(request("partly", "2026-03-09T12:00:00Z"))).toBe("Done in part, 9 March 2026");
    expect(standingInWords({ ...request("partly", "2026-03-09T12:00:00Z"), withdrawn_at: "2026-04-02T12:00:00Z" })).toBe("Taken back, 2 April 2026");
  });

  test("a correction that was not, or not all, made is disputed until it is taken back; and waits for an answer no more then", () => {
    const request = (told: Partial<RightsRequest>) => ({ kind: "correction", decision: null, withdrawn_at: null, ...told }) as RightsRequest;
    const each = [request({}), request({ decision: "partly" }), request({ decision: "refused" }), request({ decision: "granted" }), request({ kind: "erasure" })];
    expect(each.map(isDisputed)).toEqual([true, true, true, false, false]);
    expect(each.map(isOpen)).toEqual([true, false, false, false, true]);
    const takenBack = request({ withdrawn_at: "2026-04-02T12:00:00Z" });
    expect([isDisputed(takenBack), isOpen(takenBack)]).toEqual([false, false]);
  });

  test("an answer that does less needs its ground; one that does all has none, though one was chosen before", () => {
    expect(answerOf({ decision: "", ground: "", words: " " })).toEqual({ missing: ["decision", "words"] });
    expect(answerOf({ decision: "partly", ground: "", words: "Yes" })).toEqual({ missing: ["ground"] });
    expect(answerOf({ decision: "refused", ground: "legal_claims", words: " No. " })).toEqual({ decision: "refused", ground: "legal_claims", answer: "No." });
    expect(answerOf({ decision: "granted", ground: "legal_claims", words: "Done" })).toEqual({ decision: "granted", ground: null, answer: "Done" });
  });

  test("a ground is offered for what it can answer", () => {
    expect(groundsFor("close_account").map(({ value }) => value)).toEqual(["legal_claims"]);
    expect(groundsFor("correction").map(({ words }) => words)).toContain("The record is accurate");
    expect(groundsFor("erasure").map(({ value }) => value)).not.toContain("record_is_accurate");
  });

  test("nobody is offered to grant that a record is erased, and only the practice's clinicians close an account", () => {
    expect(decisionsFor("erasure").map(({ value }) => value)).toEqual(["partly", "refused"]);
    expect(decisionsFor("close_account").map(({ value }) => value)).toEqual(["granted", "refused"]);
    expect(decisionsFor("correction").map(({ value }) => value)).toEqual(["granted", "partly", "refused"]);
    const held = (role: string, id: string): Account => ({ roles: [{ role, organisation: { id } }] }) as unknown as Account;
    const closing = { kind: "close_account", practice_id: "P" } as const;
    expect([held("clinician", "P"), held("clinician", "Q"), held("privacy_officer", "P")].map((who) => mayAnswer(closing, who))).toEqual([true, false, false]);
    expect(mayAnswer({ kind: "erasure", practice_id: "P" }, held("privacy_officer", "P"))).toBe(true);
  });
});

describe("a care team", () => {
  const patient = (id: string, given_name: string, family_name: string): Patient => ({ id, given_name, family_name, bases: ["practice"] }) as unknown as Patient;
  const seen = [patient("1", "Sam", "Home"), patient("2", "Rose", "Adams"), patient("3", "Samira", "Bell")];

  test("says how many are on it, and whether one is oneself", () => {
    expect(membersInWords({ member_ids: ["a", "b"] }, "a")).toBe("2 members, you among them.");
    expect(membersInWords({ member_ids: ["b"] }, "a")).toBe("1 member, not you.");
    expect(membersInWords({ member_ids: ["a"] }, "a")).toBe("You are its only member.");
    expect(membersInWords({ member_ids: [] }, "a")).toBe("Nobody is on it.");
  });

  test("names who else is on it, by name", () => {
    const members = [
      { account_id: "b", name: "Dr Zoe Ash" },
      { account_id: "a", name: "I myself" },
      { account_id: "d", name: "Dr Bo Ek" },
    ];
    expect(colleagues({ members }, "a").map(({ name }) => name)).toEqual(["Dr Bo Ek", "Dr Zoe Ash"]);
  });

  test("an account's number is taken as it was pasted, and nothing else is sent", () => {
    expect(accountNumberFault("f", " 0195D1C0-0000-7000-8000-0000000000D1 ")).toEqual([]);
    expect(accountNumberFault("f", " ")).toEqual([{ field: "f", message: "Enter the number of their account" }]);
    expect(accountNumberFault("f", "carl@example.test")[0]?.message).toMatch(/36 characters/);
  });

  test("lists by name those whom one sees, and offers by name those who are not on it", () => {
    expect(onTheList(seen, { patient_ids: ["1", "2", "unseen"] }).map(({ id }) => id)).toEqual(["2", "1"]);
    expect(toBePutOn(seen, { patient_ids: ["1"] }, "sam").map(({ id }) => id)).toEqual(["3"]);
    expect(toBePutOn(seen, { patient_ids: [] }, "  ")).toEqual([]);
  });

  test("does not offer oneself, nor whom one acts for at home", () => {
    const athome = (["self", "delegate"] as const).map((basis) => ({ ...patient(basis, "Sam", "Away"), bases: [basis] }));
    expect(toBePutOn([...seen, ...athome], { patient_ids: [] }, "sam").map(({ id }) => id)).toEqual(["3", "1"]);
  });
});

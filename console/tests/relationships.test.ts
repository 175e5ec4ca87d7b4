import { describe, expect, test } from "vitest";
import { Refused } from "../src/api/http.ts";
import { byDay, isEmergency, since, toldTogether, whenInWords, whoInWords } from "../src/format/access_log.ts";
import { firstTabOf, mayOpenPart, partsOf, takenUpInWords } from "../src/format/acting.ts";
import { aboutOthers, authorityInWords, chosenOf, decisionInWords, inForce, latestText, PURPOSES, tagOf, textOf, wordsOf } from "../src/format/choices.ts";
import { beginningOf, endOf, isEmpty, isoDate, NO_DATE } from "../src/format/date_entry.ts";
import { asksForDay, NOT_TOLD, toldBody, toldFaults } from "../src/format/noted_decision.ts";
import { endInWords, GIVEN_SCOPES, groundInWords, isOpen, OWN, scopesInWords, spanInWords } from "../src/format/sharing.ts";
import { LAW_SCOPES } from "../src/sharing/by_law.ts";
import { EMPTY, faultsOf, toSend } from "../src/sharing/invitation.ts";
import type { Access, Consent, ConsentText, Delegate } from "../src/api/types.ts";

const ROSE = { own: false, name: "Rose Hill" } as const;

describe("a date typed in three parts", () => {
  test.each([
    ["9", "3", "2027", "2027-03-09"],
    ["09", "03", "2027", "2027-03-09"],
    [" 29 ", "2", "1940", "1940-02-29"],
  ])("%s %s %s is %s", (day, month, year, iso) => expect(isoDate({ day, month, year })).toBe(iso));

  test.each([
    ["29", "2", "1941"],
    ["31", "4", "2027"],
    ["0", "1", "2027"],
    ["1", "13", "2027"],
    ["1", "1", "27"],
    ["", "1", "2027"],
    ["1e0", "1", "2027"],
  ])("%s %s %s is no date", (day, month, year) => expect(isoDate({ day, month, year })).toBeNull());

  test("nothing typed is nothing, not a wrong date", () => {
    expect(isEmpty(NO_DATE)).toBe(true);
    expect(isEmpty({ ...NO_DATE, year: "2027" })).toBe(false);
  });

  test("access until a day holds on that whole day, also when the clocks change", () => {
    for (const day of ["2027-03-28", "2027-10-31", "2027-06-15", "2027-12-31"]) {
      expect(Date.parse(endOf(day))).toBeGreaterThan(Date.parse(beginningOf(day)));
      const next = new Date(endOf(day));
      expect([next.getHours(), next.getMinutes(), next.getDate() === new Date(beginningOf(day)).getDate()]).toEqual([0, 0, false]);
    }
  });
});

describe("what somebody may do in another's place", () => {
  test("to write to the care team is not offered: there are no messages to write", () => {
    expect(GIVEN_SCOPES.map(({ scope }) => scope)).toEqual(["read", "record"]);
    expect(LAW_SCOPES.map(({ scope }) => scope)).toEqual(["read", "record", "decide"]);
  });

  test("is said in one order, whatever the API's", () => {
    expect(scopesInWords(["record"])).toBe("Add readings");
    expect(scopesInWords(["message", "read"])).toBe("See the record and write to the care team");
    expect(scopesInWords(["decide", "record", "read"])).toBe("See the record, add readings and decide who the record is shared with");
    expect(scopesInWords([])).toBe("Do nothing");
  });

  test("opens the parts that it covers and no other: recording is not reading", () => {
    expect(partsOf(["read"]).map(({ tab }) => tab)).toEqual(["overview", "readings", "goals", "plan"]);
    expect(partsOf(["record", "message"])).toEqual([]);
    expect(partsOf(["decide"]).map(({ tab }) => tab)).toEqual(["people", "choices", "looked"]);
    expect(mayOpenPart(["read"], "record")).toBe(false);
    expect(mayOpenPart(["record"], "record")).toBe(true);
    expect(mayOpenPart(["record"], "overview")).toBe(false);
    expect(mayOpenPart(["read", "record"], "looked")).toBe(false);
  });

  test("opens at the first part, at the form for who only records, and nowhere for who may only write", () => {
    expect(firstTabOf(["record", "read"])).toBe("overview");
    expect(firstTabOf(["record"])).toBe("record");
    expect(firstTabOf(["message"])).toBeNull();
  });
});

describe("a delegation", () => {
  const delegation = (changed: Partial<Delegate>): Delegate =>
    ({
      state: "active",
      delegate: "Uma",
      relationship: "family",
      scopes: ["read"],
      ground: "consent",
      from_at: "2026-03-01T09:00:00Z",
      until_at: null,
      ended_at: null,
      end_reason: null,
      ...changed,
    }) as Delegate;

  test("is present while it gives access, will, or its code can be used", () => {
    const states = ["offered", "not_yet", "active", "not_accepted", "over", "ended"] as const;
    expect(states.filter((state) => isOpen({ state }))).toEqual(["offered", "not_yet", "active"]);
  });

  test("says from when until when, and without an end that somebody must end it", () => {
    expect(spanInWords(delegation({}))).toMatch(/^From 1 Mar 2026, \d\d:\d\d until it is ended$/);
    expect(spanInWords(delegation({ until_at: "2026-04-01T09:00:00Z" }))).toMatch(/until 1 Apr 2026, \d\d:\d\d$/);
  });

  test("that was taken up says what one can do, and from when", () => {
    const taken = { given_name: "Rose", family_name: "Hill", scopes: ["record", "read"] as const, from_at: "2026-03-01T09:00:00Z" };
    const words = (now: string): string => takenUpInWords({ ...taken, scopes: [...taken.scopes] }, Date.parse(now));
    expect(words("2026-03-01T09:00:00Z")).toBe("You now act for Rose Hill. You can see the record and add readings.");
    expect(words("2026-02-28T09:00:00Z")).toMatch(/^You will act from 1 Mar 2026, \d\d:00 for Rose Hill\. You can then see the record/);
  });

  test("says why it ended, and nothing while it goes on", () => {
    expect(endInWords(delegation({}))).toBeNull();
    const ended = delegation({ state: "ended", ended_at: "2026-04-01T09:00:00Z", end_reason: "delegate_left" });
    expect(endInWords(ended)).toMatch(/^They chose to stop, 1 Apr 2026/);
    expect(endInWords(delegation({ state: "over", until_at: "2026-04-01T09:00:00Z" }))).toMatch(/^It ended as planned, 1 Apr 2026/);
  });

  test("says by what right, in the voice of whoever reads", () => {
    expect(groundInWords("consent", OWN)).toBe("You chose them");
    expect(groundInWords("consent", ROSE)).toBe("Rose Hill chose them");
    expect(groundInWords("court_deputy", OWN)).toContain("Court of Protection");
  });
});

describe("letting somebody act", () => {
  const good = { ...EMPTY, relationship: "friend", scopes: ["read"] } as const;

  test("says what is missing at its field", () => {
    expect(faultsOf(EMPTY).map(({ field }) => field)).toEqual(["relationship", "scopes"]);
    expect(faultsOf(good)).toEqual([]);
    expect(faultsOf({ ...good, begins: "later", ends: "on", until: { day: "31", month: "2", year: "2027" } })).toEqual([
      { field: "from", message: "Enter the first day" },
      { field: "until", message: "Enter a real date, such as 27 3 2027" },
    ]);
  });

  test("sends no time that was not asked for, though it was typed before", () => {
    const typed = { ...good, from: { day: "1", month: "2", year: "2027" }, until: { day: "1", month: "3", year: "2027" } };
    expect(toSend(typed, 3)).toEqual({ relationship: "friend", scopes: ["read"], from_at: null, until_at: null, text_version: 3 });
    const timed = toSend({ ...typed, begins: "later", ends: "on" }, 3);
    expect(new Date(timed.from_at ?? "").getDate()).toBe(1);
    expect(Date.parse(timed.until_at ?? "") - Date.parse(timed.from_at ?? "")).toBeGreaterThan(28 * 86_400_000);
  });
});

describe("what a person has decided", () => {
  const decided = (changed: Partial<Consent>): Consent =>
    ({ purpose: "care_sharing", provision: "permit", status: "active", text_version: 1, ...changed }) as Consent;
  const text = (purpose: ConsentText["purpose"], version: number, latest: boolean): ConsentText =>
    ({ purpose, version, is_latest: latest }) as ConsentText;

  test("holds by the decision in force, not by the newest that is over", () => {
    const holds = inForce([
      decided({ provision: "permit", status: "inactive" }),
      decided({ provision: "deny", status: "active" }),
      decided({ purpose: "research", status: "inactive" }),
    ]);
    expect(holds.get("care_sharing")?.provision).toBe("deny");
    expect(holds.has("research")).toBe(false);
  });

  test("is shown beside the words in use and those it was made by", () => {
    const texts = [text("research", 1, false), text("research", 2, true), text("delegate", 1, true)];
    expect(latestText(texts, "research")?.version).toBe(2);
    expect(textOf(texts, decided({ purpose: "research", text_version: 1 }))?.is_latest).toBe(false);
    expect(latestText(texts, "care_sharing")).toBeUndefined();
  });

  test("says of silence what the law takes it for, and never that somebody said yes", () => {
    expect(wordsOf("care_sharing", OWN).stands.undecided).toBe("Shared: you have not said no");
    expect(wordsOf("care_sharing", ROSE).stands.undecided).toBe("Shared: Rose Hill has not said no");
    expect(wordsOf("care_sharing", OWN).stands.deny).toBe("Not shared beyond the practice");
  });

  test("a yes to letting somebody act says who acts now: the last one's end is not the end of the yes", () => {
    const words = (...delegates: Parameters<typeof chosenOf>[0]): string => tagOf("delegate", "permit", OWN, chosenOf(delegates)).words;
    const chosen = (state: Delegate["state"]) => ({ ground: "consent" as const, state });
    expect(words(chosen("ended"), chosen("active"))).toBe("You let somebody act");
    expect(words(chosen("offered"))).toBe("You let somebody act: not begun yet");
    expect(words(chosen("not_yet"), chosen("over"))).toBe("You let somebody act: not begun yet");
    expect(words(chosen("ended"), chosen("over"), chosen("not_accepted"))).toBe("Nobody whom you chose acts now");
    expect(words({ ground: "parental_responsibility", state: "active" })).toBe("Nobody whom you chose acts now");
    expect(tagOf("delegate", "permit", ROSE, "nobody")).toEqual({ words: "Nobody whom Rose Hill chose acts now", colour: "grey" });
    expect(tagOf("delegate", "deny", OWN, "nobody").words).toBe("You let nobody act");
    expect(tagOf("care_sharing", "undecided", OWN, "nobody")).toEqual({ words: "Shared: you have not said no", colour: "grey" });
    expect(tagOf("care_sharing", "permit", OWN, "nobody")).toEqual({ words: "Shared: you said yes", colour: "green" });
  });

  test("noted by a practice says how it was told, and on which day the person was, once the API asks for that", () => {
    const told = { note: " At the desk ", informed: { day: "1", month: "3", year: "2026" } };
    expect(toldBody(told, false)).toEqual({ note: "At the desk", informed_on: null });
    expect(toldBody(told, true)).toEqual({ note: "At the desk", informed_on: "2026-03-01" });
    expect(toldFaults(NOT_TOLD, "research", false).map(({ field }) => field)).toEqual(["note-research"]);
    expect(toldFaults(NOT_TOLD, "research", true).map(({ field }) => field)).toEqual(["note-research", "informed-research"]);
    const refused = (pointer: string): Refused =>
      new Refused(422, { type: "/problems/invalid", title: "No", status: 422, detail: "", request_id: "r", errors: [{ pointer, code: "x", message: "" }] });
    expect([asksForDay(refused("/informed_on")), asksForDay(refused("/note")), asksForDay(null)]).toEqual([true, false, false]);
  });

  test("is put to whoever reads about somebody else by their name, and never as if they were that person", () => {
    for (const purpose of PURPOSES) {
      const words = Object.values(aboutOthers(purpose, "Rose Hill")).join(" ");
      expect(words).toContain("Rose Hill");
      expect(words.replace("your-nhs-data-matters", "")).not.toMatch(/\byours?\b|\byou\b/i);
    }
  });

  test("an opt-out is said the other way round: to deny is to have opted out", () => {
    expect(decisionInWords({ purpose: "national_data_opt_out", provision: "deny" })).toBe("Opt-out recorded");
    expect(decisionInWords({ purpose: "research", provision: "deny" })).toBe("Said no");
  });

  test("says in whose right it was decided", () => {
    expect(authorityInWords("person", OWN)).toBe("You");
    expect(authorityInWords("practice_on_behalf", ROSE)).toBe("The practice, as Rose Hill asked");
  });
});

describe("who has looked", () => {
  const look = (changed: Partial<Access>): Access =>
    ({
      first_at: "2026-03-01T12:05:00Z",
      last_at: "2026-03-01T12:05:00Z",
      times: 1,
      who: "Dr Asha Rao",
      yourself: false,
      role: "Clinician",
      organisation: "Rowan Surgery",
      basis: "practice",
      ...changed,
    }) as Access;

  test("stands by day, in the order of the log, and a day that comes back is not lost", () => {
    const entries = [look({ last_at: "2026-03-02T12:00:00Z" }), look({}), look({ last_at: "2026-03-01T11:00:00Z" })];
    expect(byDay(entries).map(({ date, entries: of }) => [date, of.length])).toEqual([
      ["2026-03-02", 1],
      ["2026-03-01", 2],
    ]);
    expect(byDay([])).toEqual([]);
  });

  test("says who, in what role and where; of oneself only that", () => {
    expect(whoInWords(look({}))).toBe("Dr Asha Rao, Clinician, Rowan Surgery");
    expect(whoInWords(look({ role: null, organisation: null, who: "Uma" }))).toBe("Uma");
    expect(whoInWords(look({ yourself: true }))).toBe("You");
  });

  test("says how often and from when to when", () => {
    expect(whenInWords(look({}))).toMatch(/^at \d\d:05$/);
    expect(whenInWords(look({ times: 2, last_at: "2026-03-01T12:40:00Z" }))).toMatch(/^twice, between \d\d:05 and \d\d:40$/);
    expect(whenInWords(look({ times: 7 }))).toMatch(/^7 times, at \d\d:05$/);
  });

  const live = (action: "watch" | "unwatch", first: string, last: string, times: number, changed: Partial<Access> = {}): Access =>
    look({ action: `observation.${action}`, what: action, outcome: "done", reason: null, why: "w", first_at: `2026-03-01T${first}:00Z`, last_at: `2026-03-01T${last}:00Z`, times, ...changed });
  const plan = look({ action: "action_plan.read", what: "read your action plan", outcome: "done", reason: null, why: "w" });

  test("watching that was begun and stopped is told as one, with how often and from when to when, and each entry is kept", () => {
    const day = [live("unwatch", "09:02", "11:10", 5), live("watch", "09:00", "11:00", 6), plan];
    const [watched, other] = toldTogether(day, OWN);
    expect(watched).toMatchObject({ words: "had your readings open on a screen that shows them as they come in", span: { first_at: "2026-03-01T09:00:00Z", last_at: "2026-03-01T11:10:00Z", times: 6 } });
    expect(watched?.entries).toEqual(day.slice(0, 2));
    expect(watched?.opens).toBe("See how often it was opened and closed");
    expect(other).toMatchObject({ words: null, entries: [plan], span: { times: 1 } });
    expect(toldTogether(day, ROSE)[0]?.words).toBe("had Rose Hill's readings open on a screen that shows them as they come in");
  });

  test("what is read sign by sign adds up", () => {
    const read = (what: string, times: number): Access => look({ action: "observation.list", what, times, outcome: "done", reason: null, why: "w" });
    const told = toldTogether([read("read your heart rate readings", 4), read("read your weight readings", 3)], OWN);
    expect(told.map(({ words, span, opens }) => [words, span.times, opens])).toEqual([["read your readings", 7, "See what these 7 times were"]]);
  });

  test.each([
    ["another person", { who: "Dr Bo Ek" }],
    ["another role", { role: "Care-home staff" }],
    ["another reason", { basis: "care_team" }],
    ["what was refused", { outcome: "refused" }],
    ["another kind of deed", { action: "observation.series" }],
  ])("%s is not folded into it", (_, changed) => {
    const day = [live("unwatch", "09:02", "11:10", 1), live("watch", "09:00", "11:00", 1, changed)];
    expect(toldTogether(day, OWN).map(({ words, entries }) => [words, entries.length])).toEqual([[null, 1], [null, 1]]);
  });

  test("an emergency is never folded; two of a kind are, with something else between them", () => {
    const glass = { basis: "break_glass", reason: "emergency: found unconscious" };
    expect(toldTogether([live("unwatch", "09:02", "09:02", 1, glass), live("watch", "09:00", "09:00", 1, glass)], OWN)).toHaveLength(2);
    const told = toldTogether([live("unwatch", "09:02", "09:02", 1), plan, live("watch", "09:00", "09:00", 1)], OWN);
    expect(told.map(({ words }) => words)).toEqual(["had your readings open on a screen that shows them as they come in", null]);
  });

  test("an emergency is what was done by breaking the glass, whatever was done", () => {
    expect(isEmergency(look({ basis: "break_glass" }))).toBe(true);
    expect(isEmergency(look({ basis: null }))).toBe(false);
  });

  test("is asked for from an instant on", () => {
    const now = Date.parse("2026-03-08T12:00:00Z");
    expect(since("all", now)).toBeNull();
    expect(since("week", now)).toBe("2026-03-01T12:00:00.000Z");
  });
});

import { describe, expect, test } from "vitest";
import {
  amendmentFaults,
  amendableOf,
  draftOf,
  IN_OWN_WORDS,
  isUnchanged,
  mayAmend,
  NO_REASON,
  readingInWords,
  reasonOf,
} from "../src/amending/amendment.ts";
import { correctionInWords, endInWords, recorderInWords } from "../src/amending/ended.ts";
import { refusalOf, sendCorrection, sendRetraction } from "../src/amending/sending.ts";
import { asTold, hasFresh, NOTHING_TOLD, withTold, type ToldOf } from "../src/amending/told.ts";
import type { Client } from "../src/api/client.ts";
import { Refused } from "../src/api/http.ts";
import type { Observation, Reading } from "../src/api/types.ts";
import { EMPTY, toSend } from "../src/recording/draft.ts";
import { changed, entryOf, judged, unsaid } from "../src/recording/entry.ts";
import { observation } from "./record_world.ts";
import { sign } from "./vital_signs.ts";

const HEART = sign({});
const TEMPERATURE = sign({
  key: "body_temperature",
  decimals: 1,
  canonical_unit: "Cel",
  units: [
    { ucum: "Cel", display: "°C", kept_as: "Cel" },
    { ucum: "[degF]", display: "°F", kept_as: "Cel" },
  ],
});

const typed = observation({ id: "o1", value: 720, original: { value: 720, unit: "/min" }, effective_at: "2026-03-01T09:00:07+00:00", recorded_by: "me" });
const WHY = { why: "Typed wrongly", words: "" };

describe("who is offered to put a reading right", () => {
  test("whoever cares for somebody any of theirs, everybody else what they recorded, and nobody what stands no more", () => {
    expect(mayAmend(typed, "own", "me")).toBe(true);
    expect(mayAmend(typed, "own", "somebody else")).toBe(false);
    expect(mayAmend(typed, "any", "somebody else")).toBe(true);
    expect(mayAmend(typed, "none", "me")).toBe(false);
    for (const status of ["superseded", "entered-in-error"] as const) expect(mayAmend({ ...typed, status }, "any", "me")).toBe(false);
    expect(mayAmend({ ...typed, status: "corrected" }, "own", "me")).toBe(true);
  });
});

describe("the form", () => {
  const before = draftOf(typed, HEART);

  test("opens with what was sent, in the unit it was sent in", () => {
    expect(before).toMatchObject({ sign: "heart_rate", value: "720", unit: "/min", when: "now" });
    const fever = observation({ sign: "body_temperature", value: 36.8, unit: "Cel", original: { value: 98.2, unit: "[degF]" } });
    expect(draftOf(fever, TEMPERATURE)).toMatchObject({ value: "98.2", unit: "[degF]" });
    expect(readingInWords(fever)).toMatch(/^Body temperature 98\.2 °F, 1 Mar 2026/);
  });

  test("sends the instant that the reading has, to the second, unless another one was given", () => {
    const sent = toSend({ ...before, value: "72" }, HEART, "c1", typed.effective_at, false);
    expect(sent).toEqual({ client_id: "c1", sign: "heart_rate", effective_at: "2026-03-01T09:00:07+00:00", unit: "/min", value: 72 });
  });

  test("what the meter could not tell more of stays said", () => {
    const low = draftOf({ ...typed, comparator: "<" }, HEART);
    expect(toSend(low, HEART, "c1", typed.effective_at, false)).toMatchObject({ comparator: "<" });
    expect(toSend({ ...low, comparator: "" }, HEART, "c1", typed.effective_at, false)).not.toHaveProperty("comparator");
  });

  test("nothing is sent that changes nothing", () => {
    expect(isUnchanged(before, before, HEART)).toBe(true);
    expect(isUnchanged({ ...before, value: "720.0" }, before, HEART)).toBe(true);
    expect(isUnchanged({ ...before, value: "72" }, before, HEART)).toBe(false);
    expect(isUnchanged({ ...before, when: "earlier" }, before, HEART)).toBe(true);
    expect(isUnchanged({ ...before, when: "earlier", at: "2026-02-28T21:15" }, before, HEART)).toBe(false);
    const fever = draftOf(observation({ sign: "body_temperature", value: 38, unit: "Cel" }), TEMPERATURE);
    expect(isUnchanged({ ...fever, unit: "[degF]" }, fever, TEMPERATURE)).toBe(false);
  });

  test("says at each field what is missing", () => {
    const fields = (...given: Parameters<typeof amendmentFaults>): (string | null)[] => amendmentFaults(...given).map(({ field }) => field);
    expect(fields("", before, before, HEART, NO_REASON)).toEqual(["deed"]);
    expect(fields("retract", before, before, HEART, NO_REASON)).toEqual(["why"]);
    expect(fields("retract", before, before, HEART, { why: IN_OWN_WORDS, words: "  " })).toEqual(["why-words"]);
    expect(fields("retract", { ...before, value: "" }, before, HEART, WHY)).toEqual([]);
    expect(fields("correct", { ...before, value: "" }, before, HEART, NO_REASON)).toEqual(["value", "why"]);
    expect(fields("correct", before, before, HEART, WHY)).toEqual(["deed"]);
    expect(fields("correct", { ...before, value: "72" }, before, HEART, WHY)).toEqual([]);
    expect(reasonOf({ why: IN_OWN_WORDS, words: " Not my finger " })).toBe("Not my finger");
  });

  test("knows a reading that was recorded a moment ago by what was sent", () => {
    const reading = { client_id: "c1", sign: "heart_rate", effective_at: "2026-03-01T09:00:00Z", unit: "/min", value: 72 } as Reading;
    expect(readingInWords(amendableOf({ id: "o9", reading }))).toMatch(/^Heart rate 72 beats\/min, /);
  });
});

describe("what the API says against it", () => {
  const which = { patientId: "p", id: "o1", tag: '"1"' };
  const draft = draftOf(typed, HEART);
  const reading = toSend(draft, HEART, "c1", typed.effective_at, false);
  const api = (status: number, slug: string, errors: object[] = []): Client =>
    ({
      post: () => Promise.reject(new Refused(status, { type: `/problems/${slug}`, title: "No", status, detail: "For developers.", request_id: "r1", errors })),
    }) as unknown as Client;
  const corrected = (client: Client) => sendCorrection(client, which, reading, "Typed wrongly", draft, HEART);

  test("an unusual value is asked about, a likely unit offered, a fault of the reading said at its field", async () => {
    const unusual = { pointer: "/reading/value", code: "needs_confirmation", message: "This is unusual: measure again, then send it with confirmed set to true." };
    expect(await corrected(api(422, "invalid", [unusual]))).toEqual({ sent: { result: "confirm", hint: null }, isOld: false });
    const impossible = { pointer: "/reading/value", code: "out_of_range", message: "This cannot be." };
    expect(await corrected(api(422, "invalid", [impossible]))).toMatchObject({
      sent: { errors: [{ field: "value", message: "This cannot be. It must lie between 10 and 300 beats/min." }], reference: null },
    });
    expect(refusalOf({ pointer: "/reading/value", code: "x", message: "Not so. The number looks like [degF] rather than Cel." })).toMatchObject({
      detail: "Not so.",
      hint: "The number looks like [degF] rather than Cel.",
    });
  });

  test("somebody was quicker: nothing was changed, and the list is old", async () => {
    for (const refused of [await corrected(api(412, "changed")), await corrected(api(409, "illegal-transition")), await sendRetraction(api(412, "changed"), which, "x")]) {
      expect(refused).toMatchObject({ isOld: true, sent: { errors: [{ field: null, message: expect.stringMatching(/Nothing was changed now/) }], reference: null } });
    }
  });

  test("another reading of that time is said at the time, and a reason that is not good at the reason", async () => {
    expect(await corrected(api(409, "already-exists"))).toMatchObject({ isOld: false, sent: { errors: [{ field: "when-now" }] } });
    const line = { pointer: "/reason", code: "x", message: "One line." };
    expect(await sendRetraction(api(422, "invalid", [line]), which, "a\nb")).toMatchObject({ sent: { errors: [{ field: "why-words", message: "One line." }] } });
  });

  test("what is sent goes under the tag of what was read, if it was read", async () => {
    const sent: unknown[] = [];
    const ok = { post: (...given: unknown[]) => Promise.resolve(sent.push(given)) } as unknown as Client;
    await sendRetraction(ok, which, "Typed wrongly");
    await sendRetraction(ok, { ...which, tag: null }, "Typed wrongly");
    expect(sent.map((given) => (given as unknown[])[2])).toEqual([{ tag: '"1"' }, {}]);
  });
});

describe("the list of readings while it is read", () => {
  const at = (minute: number): string => `2026-03-01T09:${String(minute).padStart(2, "0")}:00+00:00`;
  const list = [observation({ id: "c", effective_at: at(3) }), observation({ id: "b", effective_at: at(2), value: 720 }), observation({ id: "a", effective_at: at(1) })];
  const right = observation({ id: "d", effective_at: at(2), value: 72, status: "corrected", supersedes: "b" });
  const shown = (told: ToldOf, loaded: readonly Observation[] = list): string[] => asTold(loaded, told).map(({ id, status }) => `${id} ${status}`);
  const tell = (...each: Observation[]): ToldOf => each.reduce(withTold, NOTHING_TOLD);

  test("a correction comes in beside what it took the place of, which is crossed out and stays", () => {
    expect(shown(tell(right))).toEqual(["c final", "d corrected", "b superseded", "a final"]);
    expect(shown(tell({ ...list[1]!, status: "superseded", superseded_by: "d" } as Observation, right))).toEqual(["c final", "d corrected", "b superseded", "a final"]);
  });

  test("a correction that moves a reading stands at its new time", () => {
    expect(shown(tell({ ...right, effective_at: at(9) }))).toEqual(["d corrected", "c final", "b superseded", "a final"]);
  });

  test("what is taken back is crossed out where it stands, a correction too", () => {
    expect(shown(tell({ ...list[1]!, status: "entered-in-error" } as Observation))).toEqual(["c final", "b entered-in-error", "a final"]);
    expect(shown(tell(right, { ...right, status: "entered-in-error" }))).toEqual(["c final", "d entered-in-error", "b superseded", "a final"]);
  });

  test("a correction of a correction has its place whatever came first", () => {
    const again = observation({ id: "e", effective_at: at(2), status: "corrected", supersedes: "d" });
    for (const told of [tell(right, again), tell(again, right)]) {
      expect(shown(told)).toEqual(["c final", "e corrected", "d superseded", "b superseded", "a final"]);
    }
  });

  test("nothing comes in that concerns no reading of the list, and nothing is shown twice", () => {
    expect(shown(tell(observation({ id: "x", status: "corrected", supersedes: "not loaded" })))).toEqual(["c final", "b final", "a final"]);
    expect(shown(tell(right), [...list, right])).toHaveLength(4);
  });

  test("a new reading moves no row: it is said that there are some, until the list has them", () => {
    const told = tell(observation({ id: "new", effective_at: at(5) }));
    expect(shown(told)).toEqual(["c final", "b final", "a final"]);
    expect(hasFresh(list, told)).toBe(true);
    expect(hasFresh([...list, observation({ id: "new" })], told)).toBe(false);
    expect(hasFresh(list, tell(right))).toBe(false);
  });
});

describe("another sign chosen", () => {
  const refused = { ...judged(entryOf({ ...EMPTY, sign: "heart_rate" }), [{ field: "value", message: "Enter the reading" }]), reference: "r1" };

  test("what was said of the fields of the one before is gone with them", () => {
    expect(changed(refused, { sign: "body_weight", unit: "" })).toMatchObject({ errors: [], reference: null });
  });

  test("nor does it outlast the deed that it was said of", () => {
    expect(unsaid(refused)).toMatchObject({ errors: [], reference: null, draft: refused.draft });
  });

  test("what was said stays while the sign does", () => {
    expect(changed(refused, { value: "7" }).errors).toHaveLength(1);
    expect(changed(refused, { sign: "heart_rate" }).errors).toHaveLength(1);
  });
});

describe("who recorded a reading", () => {
  const vic = observation({ recorded_as: "delegate", recorded_by: "vic" });
  const named = new Map([["vic", "Vic Hill"]]);

  test("is named where it is somebody who acts for the person and whom the reader may know", () => {
    expect(recorderInWords(vic, { reader: "asha", self: "The patient" }, named)).toBe("Vic Hill, acting for them");
    expect(recorderInWords(vic, { reader: "rose", self: "You" }, named)).toBe("Vic Hill, acting for you");
    expect(recorderInWords(vic, { reader: "vic", self: "Rose Hill" }, new Map())).toBe("You, acting for them");
  });

  test("is told by their capacity otherwise", () => {
    expect(recorderInWords(vic, { reader: "gus", self: "The patient" }, new Map())).toBe("Somebody acting for the person");
    expect(recorderInWords(observation({ recorded_as: "practice", recorded_by: "vic" }), { reader: "rose", self: "You" }, named)).toBe("The practice");
    expect(recorderInWords(observation({ recorded_as: "self", recorded_by: "rose" }), { reader: "rose", self: "You" }, named)).toBe("You");
  });
});

describe("what is said of a reading that stands no more", () => {
  const at = "2026-03-03T10:12:30";
  const ended = (given: Partial<Observation>): Observation =>
    observation({ status: "entered-in-error", amended_by: "asha", amended_at: at, amendment_reason: "Wrong person", ...given });
  const asha = { reader: "asha", self: "The patient" };
  const bea = { reader: "bea", self: "The patient" };

  test("who took it back, when and why: oneself by you, and somebody else as far as the record tells", () => {
    expect(endInWords(ended({}), asha)).toBe("Entered in error by you, 3 Mar 2026, 10:12: Wrong person");
    expect(endInWords(ended({}), bea)).toBe("Entered in error by a member of staff, 3 Mar 2026, 10:12: Wrong person");
    expect(endInWords(ended({ recorded_by: "asha" }), bea)).toMatch(/by the member of staff who recorded it, 3 Mar/);
    expect(endInWords(ended({ recorded_by: "asha", recorded_as: "self" }), bea)).toMatch(/by the patient, 3 Mar/);
    expect(endInWords(ended({ recorded_by: "asha", recorded_as: "self" }), { reader: "tom", self: "Rose Hill" })).toMatch(/by Rose Hill, 3 Mar/);
    expect(endInWords(ended({ recorded_by: "asha", recorded_as: "delegate" }), bea)).toMatch(/by the person acting for them who recorded it/);
  });

  test("a corrected one says the same, and the correction when it was made, why, and what stood there", () => {
    const old = ended({ id: "old", value: 720, status: "superseded", amendment_reason: "Typed wrongly" });
    expect(endInWords(old, bea)).toBe("Corrected since by a member of staff, 3 Mar 2026, 10:12: Typed wrongly");
    const made = observation({ id: "new", status: "corrected", supersedes: "old", received_at: at, reason: "Typed wrongly" });
    expect(endInWords(made, bea)).toBeNull();
    const words = "Correction of an earlier reading, made 3 Mar 2026, 10:12: Typed wrongly";
    expect(correctionInWords(made, undefined)).toBe(words);
    expect(correctionInWords(made, old)).toBe(`${words}. The earlier one said 720 beats/min`);
    expect(correctionInWords(old, undefined)).toBeNull();
  });

  test("a correction that was taken back keeps both ends apart", () => {
    const made = ended({ id: "new", supersedes: "old", received_at: "2026-03-02T09:00:00", reason: "Wrong person" });
    expect(correctionInWords(made, undefined)).toBe("Correction of an earlier reading, made 2 Mar 2026, 09:00");
  });

  test("what a correction told live has crossed out says it as the list will", () => {
    const old = observation({ id: "old" });
    const made = observation({ id: "new", status: "corrected", supersedes: "old", recorded_by: "asha", received_at: at, reason: "Typed wrongly" });
    const told = asTold([old], withTold(NOTHING_TOLD, made)).find(({ id }) => id === "old")!;
    expect(endInWords(told, asha)).toBe("Corrected since by you, 3 Mar 2026, 10:12: Typed wrongly");
  });
});

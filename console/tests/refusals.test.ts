import { describe, expect, test } from "vitest";
import { Refused, Unreachable } from "../src/api/http.ts";
import { CalledOff, errorsOf, referenceOf } from "../src/format/refusals.ts";
import { deviceInWords, lastUsed, unknownInWords } from "../src/format/sessions.ts";

const NOW = new Date(2026, 10, 22, 14, 30, 0).getTime();
const refused = (status: number, errors: unknown[] = [], retryAfter: number | null = null): Refused =>
  new Refused(status, { type: "/problems/x", title: "No", status, detail: "Not so.", request_id: "q", errors }, retryAfter);

describe("a refusal in words", () => {
  test("a fault stands at its field, and one without a field is about the whole form", () => {
    const error = refused(422, [
      { pointer: "/new_password", code: "common_password", message: "Many people use this." },
      { pointer: "/elsewhere", code: "x", message: "Something else." },
    ]);
    expect(errorsOf(error, { "/new_password": "new" }, NOW)).toEqual([
      { field: "new", message: "Many people use this." },
      { field: null, message: "Something else." },
    ]);
  });

  test.each([
    [1, "1 second, until 14:31"],
    [30, "30 seconds, until 14:31"],
    [90, "90 seconds, until 14:32"],
    [91, "2 minutes, until 14:32"],
    [3600, "60 minutes, until 15:30"],
    [5401, "2 hours, until 16:01"],
  ])("after %i seconds one may try again, and the words never say less", (seconds, words) => {
    expect(errorsOf(refused(429, [], seconds), {}, NOW)[0]?.message).toBe(`Too many tries. Wait ${words}, and try again.`);
  });

  test("without a time to wait no time is invented", () => {
    expect(errorsOf(refused(429), {}, NOW)[0]?.message).toBe("Too many tries. Wait a few minutes and try again.");
  });

  test.each([401, 403, 404, 409, 412, 422, 429])("%i is for the reader to mend: no reference to quote", (status) => {
    expect(referenceOf(refused(status))).toBeNull();
  });

  test.each([400, 405, 413, 415, 428, 500, 502, 503])("%i needs somebody's help: with the number to quote", (status) => {
    expect(referenceOf(refused(status))).toBe("q");
  });

  test("a network that fails is told as such, and what the reader called off not at all", () => {
    expect(errorsOf(new Unreachable("x"), {}, NOW)[0]?.message).toMatch(/cannot be reached/);
    expect(errorsOf(new CalledOff(), {}, NOW)).toEqual([]);
  });
});

describe("when a session was last used", () => {
  test.each([
    [0, "Used in the last 2 minutes"],
    [119, "Used in the last 2 minutes"],
    [180, "Last used 3 min ago"],
    [7200, "Last used 2 h ago"],
  ])("%i seconds ago", (seconds, words) => {
    expect(lastUsed(new Date(NOW - seconds * 1000).toISOString(), NOW)).toBe(words);
  });

  test("days ago it is a date", () => {
    expect(lastUsed(new Date(2026, 10, 20, 9, 5).toISOString(), NOW)).toBe("Last used 20 Nov 2026, 09:05");
  });
});

describe("what a session was opened on", () => {
  test.each(["Another program", "Another program on Linux", ""])("%j did not say that it is a browser", (device) =>
    expect(unknownInWords(device)).toMatch(/^It did not say that it is a browser/),
  );
  test.each(["Firefox on Windows", "An app on Android"])("%s said what it is", (device) => expect(unknownInWords(device)).toBeNull());
  test("what is not known has words of its own", () => expect(deviceInWords("")).toBe("Something that is not known"));
});

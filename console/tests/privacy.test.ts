import { expect, test } from "vitest";
import { keptInWords } from "../src/format/privacy.ts";

test.each([
  [null, "Until somebody decides, as the law allows"],
  [0, "No longer than it is in use"],
  [1, "1 day"],
  [30, "30 days"],
  [730, "730 days"],
  [2922, "8 years"],
  [10957, "30 years"],
])("kept for %s days reads: %s", (days, words) => {
  expect(keptInWords(days)).toBe(words);
});

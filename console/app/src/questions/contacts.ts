/** The numbers that are called; the API's own (domain/questionnaires/safety.py), held to them by a test. Pure. */

export const CALLS = [
  { key: "999", number: "999" },
  { key: "111", number: "111" },
  { key: "samaritans", number: "116123" },
] as const;

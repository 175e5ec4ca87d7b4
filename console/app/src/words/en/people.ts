/** Who may see the record, who has looked, and whom one lets act for oneself. */
export const people = {
  "people.title": "Who can see your record",
  "people.acting": "People who act for you",
  "people.looked": "Who has looked",
  "people.choices": "Your choices",
  "people.invite": "Let somebody act for you",
} as const;

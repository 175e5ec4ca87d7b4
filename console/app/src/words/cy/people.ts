/** Pwy all weld y cofnod. Not checked by a professional translator yet: see console/README.md. */
import type { WelshOf } from "../plurals.ts";
import type { people as english } from "../en/people.ts";

export const people: WelshOf<typeof english> = {
  "people.title": "Pwy all weld eich cofnod",
  "people.acting": "Pobl sy'n gweithredu ar eich rhan",
  "people.looked": "Pwy sydd wedi edrych",
  "people.choices": "Eich dewisiadau",
  "people.invite": "Gadael i rywun weithredu ar eich rhan",
};

/** The words in use: of the language that was chosen, with times as the clocks of the person's own zone show them. */
import { createContext } from "preact";
import { useContext, useMemo } from "preact/hooks";
import { HOME } from "../days/instants.ts";
import { useLanguage } from "./language.ts";
import { wordsOf, type Words } from "./words.ts";

/** The zone in which today is reckoned the app hands down, as the copy has it. */
const ZoneContext = createContext(HOME);

export const ZoneProvider = ZoneContext.Provider;

/** The words of the language that was chosen. */
export function useWords(): Words {
  const language = useLanguage();
  const zone = useContext(ZoneContext);
  return useMemo(() => wordsOf(language, zone), [language, zone]);
}

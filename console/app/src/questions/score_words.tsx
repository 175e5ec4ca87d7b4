/** What answers add up to, in plain words; never a diagnosis. */
import { useWords } from "../words/use_words.ts";

interface Props {
  total: { readonly total: number; readonly most: number; readonly band: string | null } | null;
  /** Whether its totals have names; a grade has none. */
  hasBands: boolean;
}

export function ScoreWords({ total, hasBands }: Props) {
  const words = useWords();
  const { say } = words;
  if (total === null) return <p>{say("checkins.no_score")}</p>;
  const { total: score, most, band } = total;
  if (!hasBands || band === null) return <p>{say("checkins.grade_words", { total: score, most })}</p>;
  return <p>{say("checkins.score_words", { total: score, most, band: words.named("checkins.band", band.replaceAll(" ", "_")) })}</p>;
}

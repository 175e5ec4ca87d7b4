/**
 * A questionnaire as it is asked: one question at a time, those alone whose conditions hold, what the answers add up to, and which
 * of them cannot wait. By the same FHIR file as the API (domain/questionnaires), which asks and adds in the same way. Pure.
 */
import told from "../reference/questionnaires.json";

export interface Option {
  readonly code: string;
  readonly label: string;
  readonly score: number | null;
}

export interface Question {
  readonly linkId: string;
  readonly text: string;
  /** The words of the group that it stands in; empty without. */
  readonly stem: string;
  readonly required: boolean;
  readonly options: readonly Option[];
  readonly when: readonly { readonly question: string; readonly operator: string; readonly code: string }[];
  readonly needsAll: boolean;
}

export interface Instrument {
  readonly key: string;
  readonly version: string;
  readonly copyright: string;
  readonly questions: readonly Question[];
  readonly bands: readonly { readonly least: number; readonly label: string }[];
  /** The question whose answer cannot wait, and from which score on. */
  readonly safety: { readonly link_id: string; readonly least_score: number } | null;
}

export type Answers = Readonly<Record<string, string>>;

interface FhirItem {
  readonly linkId: string;
  readonly type: string;
  readonly text: string;
  readonly required?: boolean;
  readonly enableBehavior?: string;
  readonly enableWhen?: readonly { readonly question: string; readonly operator: string; readonly answerCoding?: { readonly code: string } }[];
  readonly answerOption?: readonly { readonly valueCoding: { readonly code: string; readonly display: string; readonly extension?: readonly { readonly valueDecimal?: number }[] } }[];
  readonly item?: readonly FhirItem[];
}

interface ToldInstrument {
  readonly key: string;
  readonly anonymous: boolean;
  readonly bands: Instrument["bands"] | null;
  readonly safety: Instrument["safety"];
  readonly fhir: { readonly version: string; readonly copyright: string; readonly item: readonly FhirItem[] };
}

/** Those that are answered in a record, and whose every question this app can ask. */
export const INSTRUMENTS: readonly Instrument[] = (told as unknown as readonly ToldInstrument[])
  .filter(({ anonymous }) => !anonymous)
  .map(({ key, bands, safety, fhir }) => ({ key, version: fhir.version, copyright: fhir.copyright, questions: questionsIn(fhir.item, ""), bands: bands ?? [], safety }));

function questionsIn(items: readonly FhirItem[], stem: string): Question[] {
  return items.flatMap((item) => (item.type === "group" ? questionsIn(item.item ?? [], item.text) : [questionOf(item, stem)]));
}

function questionOf(item: FhirItem, stem: string): Question {
  if (item.type !== "choice") throw new Error(`a question of the type ${item.type} cannot be asked here`);
  return {
    linkId: item.linkId,
    text: item.text,
    stem,
    required: item.required === true,
    options: (item.answerOption ?? []).map(({ valueCoding: { code, display, extension } }) => ({ code, label: display, score: extension?.[0]?.valueDecimal ?? null })),
    when: (item.enableWhen ?? []).map(({ question, operator, answerCoding }) => ({ question, operator, code: answerCoding?.code ?? "" })),
    needsAll: item.enableBehavior !== "any",
  };
}

/** Whether a question is asked, after what was answered. */
export function isAsked({ when, needsAll }: Question, answers: Answers): boolean {
  if (when.length === 0) return true;
  const holds = when.map(({ question, operator, code }) => {
    const given = answers[question];
    // What was not answered compares with nothing.
    if (given === undefined) return false;
    return operator === "!=" ? given !== code : given === code;
  });
  return needsAll ? holds.every(Boolean) : holds.some(Boolean);
}

/** The questions that are asked, in their order. */
export function asked(instrument: Instrument, answers: Answers): Question[] {
  return instrument.questions.filter((question) => isAsked(question, answers));
}

/** The answers that count: of questions that are asked. An answer to one that no longer is, is not sent. */
export function given(instrument: Instrument, answers: Answers): { link_id: string; value: string }[] {
  return asked(instrument, answers).flatMap(({ linkId }) => {
    const value = answers[linkId];
    return value === undefined ? [] : [{ link_id: linkId, value }];
  });
}

/** The sum of the scores, and the most that it can be; null while a scored question is not answered. */
export function totalOf(instrument: Instrument, answers: Answers): { readonly total: number; readonly most: number; readonly band: string | null } | null {
  const scored = instrument.questions.filter((question) => isScored(question));
  const scores = scored.map((question) => scoreOf(question, answers));
  if (scores.length === 0 || scores.includes(null)) return null;
  const total = scores.reduce<number>((sum, score) => sum + (score ?? 0), 0);
  const most = scored.reduce((sum, { options }) => sum + Math.max(...options.map(({ score }) => score ?? 0)), 0);
  return { total, most, band: instrument.bands.findLast(({ least }) => total >= least)?.label ?? null };
}

function isScored({ options }: Question): boolean {
  return options.some(({ score }) => score !== null);
}

function scoreOf({ linkId, options }: Question, answers: Answers): number | null {
  return options.find(({ code }) => code === answers[linkId])?.score ?? null;
}

/** Whether an answer is one that cannot wait: whom to call is then shown at once, whatever else is answered. */
export function cannotWait(instrument: Instrument, answers: Answers): boolean {
  const { safety } = instrument;
  const question = instrument.questions.find(({ linkId }) => linkId === safety?.link_id);
  if (safety === null || question === undefined) return false;
  return (scoreOf(question, answers) ?? 0) >= safety.least_score;
}

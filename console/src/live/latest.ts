/**
 * The latest reading of each sign of each patient, as one immutable book that messages and answers are folded into, in
 * whatever order they arrive. Knows readings, corrections, retractions, and what an answer can vouch for; knows nothing of
 * sockets, of asking, or of staleness on screen.
 */
import type { Latest, Observation, SignKey } from "../api/types.ts";
import { answered, BEFORE_ALL, EMPTY, told, withdrew, type Cell, type Withdrawn } from "./cell.ts";
import type { Heard, LiveEvent } from "./messages.ts";

/** In the place of a reading that was withdrawn, until it is known which is the latest now. Never a value. */
export interface Unknown {
  readonly sign: SignKey;
  readonly observation: null;
  readonly unit: string | null;
  readonly coded: boolean;
}

export type Shown = Latest | Unknown;
export type Signs = ReadonlyMap<SignKey, Shown>;
export type Table = ReadonlyMap<string, Signs>;

/** What is held of one patient. */
interface Sheet {
  /** The newest answer holds every event up to this number; BEFORE_ALL while there are only what the page loaded and events. */
  readonly asOf: number;
  readonly cells: ReadonlyMap<SignKey, Cell>;
  readonly withdrawn: Withdrawn;
}

/** When a question was asked: its answer holds at least every event up to the number, as numbers go in that era. */
export interface Asked {
  readonly era: number;
  readonly number: number;
}

export interface Book {
  readonly sheets: ReadonlyMap<string, Sheet>;
  readonly table: Table;
  /** Patients of whom something is not known that the API can tell. */
  readonly unsettled: ReadonlySet<string>;
  /** The highest number heard of. */
  readonly number: number;
  readonly epoch: string | null;
  /** Counts how often numbers began to mean something else. */
  readonly era: number;
}

export const NO_BOOK: Book = { sheets: new Map(), table: new Map(), unsettled: new Set(), number: 0, epoch: null, era: 0 };

const BLANK: Sheet = { asOf: BEFORE_ALL, cells: new Map(), withdrawn: new Map() };

/** The book after one message; the very same object when nothing changed. */
export function fold(book: Book, message: Heard): Book {
  switch (message.type) {
    case "welcome":
      return heardOf({ ...(message.resumed ? book : inEpoch(book, message.epoch)), epoch: message.epoch }, message.number);
    case "resync":
      return anew(book);
    case "snapshot":
      return answer(heardOf(book, message.number), message.patient_id, message.latest, { era: book.era, number: message.number });
    case "event":
      return happened(heardOf(book, message.number), message);
    case "unwatched":
      return without(book, message.patient_id);
    default:
      return book;
  }
}

/** When a question asked now is asked. */
export function askedNow(book: Book): Asked {
  return { era: book.era, number: book.number };
}

/** The book after an answer about one patient: the latest of each sign. One older than what is held already adds nothing. */
export function answer(book: Book, patientId: string, latest: readonly Latest[], asked: Asked): Book {
  const sheet = book.sheets.get(patientId) ?? BLANK;
  if (asked.era !== book.era || asked.number < sheet.asOf) return book;
  const given = new Map(latest.map((one) => [one.sign, one]));
  const cells = new Map<SignKey, Cell>();
  for (const sign of new Set([...sheet.cells.keys(), ...given.keys()])) {
    const cell = answered(sheet.cells.get(sign) ?? EMPTY, given.get(sign), asked.number, sheet.withdrawn);
    if (cell.held !== null || cell.lost !== null || cell.passed > BEFORE_ALL) cells.set(sign, cell);
  }
  return withSheet(book, patientId, { ...sheet, asOf: asked.number, cells });
}

/** The book with what the page loaded by itself: it stands below everything that is told. */
export function seeded(book: Book, loaded: ReadonlyMap<string, readonly Latest[]>): Book {
  let next = book;
  for (const [patientId, latest] of loaded) next = answer(next, patientId, latest, { era: book.era, number: BEFORE_ALL });
  return next;
}

/** The book without one patient. */
export function without(book: Book, patientId: string): Book {
  if (!book.sheets.has(patientId)) return book;
  const [sheets, table, unsettled] = [new Map(book.sheets), new Map(book.table), new Set(book.unsettled)];
  sheets.delete(patientId);
  table.delete(patientId);
  unsettled.delete(patientId);
  return { ...book, sheets, table, unsettled };
}

function heardOf(book: Book, number: number): Book {
  return number > book.number ? { ...book, number } : book;
}

function inEpoch(book: Book, epoch: string): Book {
  return book.epoch === null || book.epoch === epoch ? book : anew(book);
}

/**
 * Numbers mean something else from now on, and what was recorded may be gone. What is held stays to be looked at, as stale,
 * and gives way to any snapshot.
 */
function anew(book: Book): Book {
  const older = (cell: Cell): Cell => ({ ...cell, number: 0, passed: BEFORE_ALL, lost: cell.lost && { ...cell.lost, since: 0 } });
  const sheets = new Map<string, Sheet>();
  for (const [patientId, { cells }] of book.sheets) {
    sheets.set(patientId, { asOf: 0, cells: new Map([...cells].map(([sign, cell]) => [sign, older(cell)])), withdrawn: new Map() });
  }
  return { ...book, sheets, number: 0, era: book.era + 1 };
}

type Observed = Observation & { age_seconds?: number };

function happened(book: Book, event: LiveEvent): Book {
  const { patient_id: patientId, number, observations } = event;
  if (patientId === null || observations.length === 0) return book;
  const sheet = book.sheets.get(patientId) ?? BLANK;
  const withdrawn = new Map(sheet.withdrawn);
  const cells = new Map(sheet.cells);
  // First what no longer stands, so that the order within an event does not matter.
  for (const observation of observations) {
    for (const id of noLongerStanding(observation)) {
      if (!withdrawn.has(id)) withdrawn.set(id, number);
      const cell = cells.get(observation.sign);
      if (cell !== undefined) cells.set(observation.sign, withdrew(cell, id, number));
    }
  }
  for (const observation of observations) {
    // What an answer held already was taken into account with it.
    if (number <= sheet.asOf || withdrawn.has(observation.id)) continue;
    cells.set(observation.sign, told(cells.get(observation.sign) ?? EMPTY, latestOf(observation), number));
  }
  return withSheet(book, patientId, { asOf: sheet.asOf, cells, withdrawn });
}

/** Ids that a reading says are withdrawn: its own, and that of the one it corrects. */
function noLongerStanding(observation: Observation): string[] {
  const gone = observation.supersedes === null ? [] : [observation.supersedes];
  const itself = observation.status === "entered-in-error" || observation.status === "superseded" || observation.superseded_by !== null;
  return itself ? [...gone, observation.id] : gone;
}

function latestOf(observation: Observed): Latest {
  return { sign: observation.sign, observation, age_seconds: observation.age_seconds ?? 0, stale: false };
}

function withSheet(book: Book, patientId: string, sheet: Sheet): Book {
  const unsettled = new Set(book.unsettled);
  if ([...sheet.cells.values()].some((cell) => cell.lost !== null)) unsettled.add(patientId);
  else unsettled.delete(patientId);
  return {
    ...book,
    sheets: new Map(book.sheets).set(patientId, sheet),
    table: new Map(book.table).set(patientId, shownOf(sheet)),
    unsettled,
  };
}

function shownOf(sheet: Sheet): Signs {
  const signs = new Map<SignKey, Shown>();
  for (const [sign, { held, lost }] of sheet.cells) {
    if (lost !== null) signs.set(sign, { sign, observation: null, unit: lost.observation.unit, coded: lost.observation.code !== null });
    else if (held !== null) signs.set(sign, held);
  }
  return signs;
}

/** What has been told and answered while a page is open: the book of latest readings, and whom the reader sees no longer. */
import type { Client } from "../api/client.ts";
import { Refused } from "../api/http.ts";
import { Asking, type Outcome } from "./asking.ts";
import { answer, askedNow, fold, NO_BOOK, without, type Book } from "./latest.ts";
import type { Heard } from "./messages.ts";

export interface Held {
  book: Book;
  gone: ReadonlySet<string>;
}

export function nothingHeld(): Held {
  return { book: NO_BOOK, gone: new Set() };
}

export function hear(held: Held, message: Heard): void {
  held.book = fold(held.book, message);
  if (message.type === "unwatched") held.gone = new Set([...held.gone, message.patient_id]);
}

/** A list that was asked for after they had gone has these again: they are shown, and watched anew. */
export function letBack(held: Held, ids: readonly string[]): void {
  const back = new Set(ids);
  held.gone = new Set([...held.gone].filter((id) => !back.has(id)));
}

/** The patient is not to be seen any more: off the screen, as when the feed says so. */
function letGo(held: Held, patientId: string): void {
  held.book = without(held.book, patientId);
  held.gone = new Set([...held.gone, patientId]);
}

/** Asks the API for what the book does not know, and writes the answers into it. */
export function askingOf(api: Client, held: Held, changed: () => void, signal: AbortSignal): Asking {
  const ask = async (patientId: string): Promise<Outcome> => {
    const asked = askedNow(held.book);
    try {
      const latest = await api.get("/v1/patients/{patient_id}/observations/latest", { path: { patient_id: patientId } }, signal);
      if (!held.book.sheets.has(patientId)) return "settled";
      held.book = answer(held.book, patientId, latest.items, asked);
    } catch (error) {
      if (!(error instanceof Refused) || (error.status !== 403 && error.status !== 404)) throw error;
      letGo(held, patientId);
    }
    changed();
    return held.book.unsettled.has(patientId) ? "open" : "settled";
  };
  return new Asking({
    ask,
    wanted: (patientId) => held.book.unsettled.has(patientId),
    pause: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
    chance: Math.random,
  });
}

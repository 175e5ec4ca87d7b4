/** One HTTP exchange with the API: sends, reads the answer, turns refusals into errors. Knows no route and keeps no token. */
import type { Problem } from "./types.ts";

/** The API answered, and said no. `problem` is null when the answer was not a problem document (a proxy's page, say). */
export class Refused extends Error {
  readonly status: number;
  readonly problem: Problem | null;
  readonly body: unknown;
  /** How long to wait before asking again, when the answer says so. */
  readonly retryAfterSeconds: number | null;

  constructor(status: number, body: unknown, retryAfterSeconds: number | null = null) {
    const problem = isProblem(body) ? body : null;
    super(problem?.title ?? `Status ${status}`);
    this.status = status;
    this.problem = problem;
    this.body = body;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Nothing answered: no network, or no server. */
export class Unreachable extends Error {}

export interface Asking {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** From the root, with its query. */
  readonly path: string;
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly accept?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The answer when the API accepted; raises Refused or Unreachable otherwise. An aborted request raises AbortError. */
export async function send(asking: Asking): Promise<Response> {
  const response = await reach(asking);
  if (response.ok) return response;
  throw new Refused(response.status, await readBody(response), secondsOf(response.headers.get("Retry-After")));
}

/** The seconds of a Retry-After; null for its other form, a date, which the API does not send. */
function secondsOf(header: string | null): number | null {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : null;
}

async function reach(asking: Asking): Promise<Response> {
  const headers = new Headers({ Accept: asking.accept ?? "application/json", ...asking.headers });
  if (asking.token !== undefined) headers.set("Authorization", `Bearer ${asking.token}`);
  if (asking.body !== undefined) headers.set("Content-Type", "application/json");
  try {
    return await fetch(asking.path, {
      method: asking.method,
      headers,
      body: asking.body === undefined ? null : JSON.stringify(asking.body),
      signal: asking.signal ?? null,
      cache: "no-store",
      credentials: "omit",
    });
  } catch (error) {
    if (asking.signal?.aborted) throw error;
    throw new Unreachable("The API did not answer", { cause: error });
  }
}

async function readBody(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "type" in body && "title" in body && "status" in body;
}

/**
 * What the reader can mend, wait for or must take as it is: signed out, not theirs to see, changed meanwhile, not acceptable
 * as typed, too often. Anything else, a fault of the server's or a request that this console should never have sent, needs
 * somebody who can look the number up.
 */
const NEEDS_NO_HELP: ReadonlySet<number> = new Set([401, 403, 404, 408, 409, 412, 422, 425, 429]);

/** What to tell the reader about an error; with the number to quote when asking for help, where help is needed. */
export function errorInWords(error: unknown): { message: string; reference: string | null } {
  if (error instanceof Unreachable) {
    return { message: "Tendwell cannot be reached. Check your connection and try again.", reference: null };
  }
  if (error instanceof Refused && error.problem !== null) {
    const { detail, title, request_id } = error.problem;
    return { message: detail || title, reference: NEEDS_NO_HELP.has(error.status) ? null : request_id };
  }
  return { message: "Something went wrong. Try again in a few minutes.", reference: null };
}

/**
 * The API with the reader's token on every request: renewed when it runs out, and once more when the API disagrees.
 * Every path, parameter and body is checked against openapi.yaml by the types; at run time this knows no route.
 */
import { Refused, send, type Asking } from "./http.ts";
import type { paths } from "./schema.gen.ts";

export interface Tokens {
  /** Another for each session; null when nobody is signed in. */
  readonly holder: number | null;
  accessToken(): Promise<string>;
  renew(): Promise<string>;
}

type Method = "get" | "post" | "put" | "delete";
type Operation = { parameters: { path?: unknown; query?: unknown }; responses: Record<number, unknown> };
type PathsWith<M extends Method> = { [P in keyof paths]: paths[P][M] extends Operation ? P : never }[keyof paths];
type Of<P extends keyof paths, M extends Method> = paths[P][M] extends Operation ? paths[P][M] : never;

type InPath<O extends Operation> = O["parameters"]["path"] extends object ? { path: O["parameters"]["path"] } : object;
type InQuery<O extends Operation> = O["parameters"]["query"] extends object
  ? { query: O["parameters"]["query"] }
  : { query?: O["parameters"]["query"] };
type InBody<O> = O extends { requestBody: { content: { "application/json": infer B } } } ? { body: B } : object;
type Where<O extends Operation> = InPath<O> & InQuery<O>;

type JsonOf<R> = R extends { content: { "application/json": infer T } } ? T : never;
type Json<O extends Operation> = JsonOf<O["responses"][keyof O["responses"] & (200 | 201 | 202 | 207)]>;
/** What comes back; nothing, where success has no body (204). */
type Answer<O extends Operation> = [Json<O>] extends [never] ? undefined : Json<O>;

/** What was read, with the tag by which an edit says what it saw, and what time it was where it was answered. */
export interface Tagged<T> {
  readonly value: T;
  readonly tag: string;
  /** Milliseconds since the epoch by the server's clock; by our own when it does not say. */
  readonly serverTime: number;
}

/**
 * How a POST is sent: the key of one deed, for a repeat to be known by; the tag of what was read, where the API asks for it;
 * what ends it before there is an answer.
 */
export interface Sending {
  readonly key?: string;
  readonly tag?: string;
  readonly signal?: AbortSignal;
}

export interface Client {
  get<P extends PathsWith<"get">>(path: P, where: Where<Of<P, "get">>, signal?: AbortSignal): Promise<Answer<Of<P, "get">>>;
  /** As get, with the tag to edit by and the server's time. */
  read<P extends PathsWith<"get">>(path: P, where: Where<Of<P, "get">>, signal?: AbortSignal): Promise<Tagged<Answer<Of<P, "get">>>>;
  post<P extends PathsWith<"post">>(
    path: P,
    what: Where<Of<P, "post">> & InBody<Of<P, "post">>,
    sending?: Sending,
  ): Promise<Answer<Of<P, "post">>>;
  /** An edit of what was read under this tag: refused (412) when somebody has changed it since. */
  put<P extends PathsWith<"put">>(
    path: P,
    what: Where<Of<P, "put">> & InBody<Of<P, "put">>,
    tag: string,
  ): Promise<Answer<Of<P, "put">>>;
  remove<P extends PathsWith<"delete">>(path: P, where: Where<Of<P, "delete">>): Promise<void>;
  /** The answer in another form than JSON, as a file to keep. */
  file<P extends PathsWith<"get">>(path: P, where: Where<Of<P, "get">>, accept: string): Promise<Blob>;
}

interface Given {
  path?: unknown;
  query?: unknown;
  body?: unknown;
}

/** The API as whoever holds the tokens; without any, as somebody who is not signed in. */
export function clientFor(tokens: Tokens | null): Client {
  const ask = async (asking: Asking): Promise<Response> => {
    if (tokens === null) return send(asking);
    const { holder } = tokens;
    try {
      return await send({ ...asking, token: await tokens.accessToken() });
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
      // What one person asked for is never sent again in the name of another who has signed in meanwhile.
      if (holder === null || tokens.holder !== holder) throw error;
      return send({ ...asking, token: await tokens.renew() });
    }
  };
  return {
    get: async (path, where, signal) => (await ask({ method: "GET", path: address(path, where), signal })).json(),
    read: async (path, where, signal) => {
      const answer = await ask({ method: "GET", path: address(path, where), signal });
      const date = Date.parse(answer.headers.get("Date") ?? "");
      return { value: await answer.json(), tag: answer.headers.get("ETag") ?? "", serverTime: Number.isNaN(date) ? Date.now() : date };
    },
    post: async (path, what, { key, tag, signal } = {}) => {
      const { body } = what as Given;
      const headers = { ...(key === undefined ? {} : { "Idempotency-Key": key }), ...(tag === undefined ? {} : { "If-Match": tag }) };
      return bodyOf(await ask({ method: "POST", path: address(path, what), body, headers, signal }));
    },
    put: async (path, what, tag) => {
      const { body } = what as Given;
      return bodyOf(await ask({ method: "PUT", path: address(path, what), body, headers: { "If-Match": tag } }));
    },
    remove: async (path, where) => {
      await ask({ method: "DELETE", path: address(path, where) });
    },
    file: async (path, where, accept) => (await ask({ method: "GET", path: address(path, where), accept })).blob(),
  };
}

/** The JSON of an answer; nothing where there is none. The caller's types say which it is. */
async function bodyOf(answer: Response): Promise<never> {
  return (answer.status === 204 ? undefined : await answer.json()) as never;
}

/** The path with its parameters filled in, and the query of those that are set. */
export function address(template: string, given: Given): string {
  const inPath = (given.path ?? {}) as Record<string, string>;
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(inPath[name] ?? ""));
  const inQuery = Object.entries((given.query ?? {}) as Record<string, unknown>);
  const set = inQuery.filter(([, value]) => value !== null && value !== undefined && value !== "");
  const query = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
  return query === "" ? path : `${path}?${query}`;
}

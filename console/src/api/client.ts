/**
 * The API with the reader's token on every request: renewed when it runs out, and once more when the API disagrees.
 * Every path, parameter and body is checked against openapi.yaml by the types; at run time this knows no route.
 */
import { Refused, send, type Asking } from "./http.ts";
import type { paths } from "./schema.gen.ts";

export interface Tokens {
  accessToken(): Promise<string>;
  renew(): Promise<string>;
}

type Method = "get" | "post";
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
type Answer<O extends Operation> = JsonOf<O["responses"][keyof O["responses"] & (200 | 201 | 207)]>;

export interface Client {
  get<P extends PathsWith<"get">>(path: P, where: Where<Of<P, "get">>, signal?: AbortSignal): Promise<Answer<Of<P, "get">>>;
  post<P extends PathsWith<"post">>(path: P, what: Where<Of<P, "post">> & InBody<Of<P, "post">>): Promise<Answer<Of<P, "post">>>;
  /** The answer in another form than JSON, as a file to keep. */
  file<P extends PathsWith<"get">>(path: P, where: Where<Of<P, "get">>, accept: string): Promise<Blob>;
}

interface Given {
  path?: unknown;
  query?: unknown;
  body?: unknown;
}

export function clientFor(tokens: Tokens): Client {
  const ask = async (asking: Asking): Promise<Response> => {
    try {
      return await send({ ...asking, token: await tokens.accessToken() });
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
      return send({ ...asking, token: await tokens.renew() });
    }
  };
  return {
    get: async (path, where, signal) => (await ask({ method: "GET", path: address(path, where), signal })).json(),
    post: async (path, what) => {
      const { body } = what as Given;
      return (await ask({ method: "POST", path: address(path, what), body })).json();
    },
    file: async (path, where, accept) => (await ask({ method: "GET", path: address(path, where), accept })).blob(),
  };
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

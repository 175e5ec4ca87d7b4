/** The API with the reader's token on every request: renewed when it runs out, and once more when the API disagrees. */
import { Refused, send, type Asking } from "./http.ts";

export interface Tokens {
  accessToken(): Promise<string>;
  renew(): Promise<string>;
}

export interface Client {
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  /** The answer in another form than JSON, as a file to keep. */
  file(path: string, accept: string): Promise<Blob>;
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
    get: async (path, signal) => (await ask({ method: "GET", path, signal })).json(),
    post: async (path, body) => bodyOf(await ask({ method: "POST", path, body })),
    file: async (path, accept) => (await ask({ method: "GET", path, accept })).blob(),
  };
}

async function bodyOf<T>(response: Response): Promise<T> {
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** "?a=1&b=2" for the parameters that are set; empty when none is. */
export function query(parameters: Record<string, string | number | null | undefined>): string {
  const set = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(set.map(([key, value]) => [key, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}

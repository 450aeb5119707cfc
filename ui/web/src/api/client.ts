import { readStatus } from "./documents";
import { readMatrix } from "./matrix";
import type { Frame, QueryError, QueryErrorKind, Status } from "./types";

/** An address below the place where this page is served, wherever that is. */
export function apiUrl(path: string): URL {
  return new URL(path, document.baseURI);
}

/** The websocket's address. */
export function liveUrl(): string {
  const url = apiUrl("api/daymark/v1/live");
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/** A request that the server answered with an error, or did not answer. */
export class RequestError extends Error {
  readonly query: QueryError;

  constructor(query: QueryError) {
    super(query.message);
    this.name = "RequestError";
    this.query = query;
  }
}

/** GET /api/daymark/v1/status. */
export async function fetchStatus(signal?: AbortSignal): Promise<Status> {
  const response = await fetch(apiUrl("api/daymark/v1/status"), signal ? { signal } : {});
  if (!response.ok) {
    throw new RequestError({ kind: "unavailable", message: `the server answered ${response.status}` });
  }
  return readStatus(await response.json(), "");
}

/** POST /api/v1/query_range over the steps from fromMs to toMs, both inclusive. */
export async function queryRange(
  expr: string,
  span: { fromMs: number; toMs: number; stepMs: number },
  signal?: AbortSignal,
): Promise<Frame> {
  const { fromMs, toMs, stepMs } = span;
  const form = new URLSearchParams({
    query: expr,
    start: String(fromMs / 1000),
    end: String(toMs / 1000),
    step: String(stepMs / 1000),
  });
  const response = await fetch(apiUrl("api/v1/query_range"), {
    method: "POST",
    body: form,
    ...(signal ? { signal } : {}),
  });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new RequestError(readFailure(body, response.status));
  return readMatrix(body, fromMs, toMs, stepMs);
}

const kinds: Readonly<Record<string, QueryErrorKind>> = {
  bad_data: "parse",
  timeout: "timeout",
  execution: "execution",
  unavailable: "unavailable",
  canceled: "timeout",
};

function readFailure(body: unknown, code: number): QueryError {
  const { errorType, error } = (body ?? {}) as { errorType?: unknown; error?: unknown };
  const message = typeof error === "string" ? error : `the server answered ${code}`;
  const kind = typeof errorType === "string" ? (kinds[errorType] ?? "execution") : "unavailable";
  return { kind, message };
}

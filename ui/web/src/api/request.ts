import { apiUrl, RequestError } from "./client";

/** The server's own words about a request that failed: Daymark's and Prometheus's {error}, Alertmanager's {message} or bare text. */
function words(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === "string") return parsed;
    if (typeof parsed === "object" && parsed !== null) {
      const { error, message } = parsed as { error?: unknown; message?: unknown };
      if (typeof error === "string") return error;
      if (typeof message === "string") return message;
    }
  } catch {
    // Not JSON: the text itself, as a proxy would write it.
  }
  return body.trim();
}

export interface Ask {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Asks path below this page's own place; the answer's body, null where it is empty. Fails with a RequestError. */
export async function request(path: string, { method = "GET", body, signal }: Ask = {}): Promise<unknown> {
  let response: Response;
  let answer: string;
  try {
    response = await fetch(apiUrl(path), {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
      ...(signal ? { signal } : {}),
    });
    answer = await response.text();
  } catch (reason) {
    if (signal?.aborted === true) throw reason;
    throw new RequestError({ kind: "unavailable", message: "Daymark did not answer" });
  }
  if (!response.ok) {
    const said = words(answer);
    throw new RequestError({
      kind: response.status >= 500 ? "unavailable" : "execution",
      message: said === "" ? `the server answered ${response.status}` : said,
    });
  }
  return answer.trim() === "" ? null : (JSON.parse(answer) as unknown);
}

/** Why something failed, in words for the reader. */
export function failureWords(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

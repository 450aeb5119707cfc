import { vi } from "vitest";

/** What was asked of the server. */
export interface Asked {
  readonly method: string;
  /** Path and query below the page's own place. */
  readonly path: string;
  readonly body: unknown;
}

type Answer = (asked: Asked) => { readonly status?: number; readonly body?: unknown; readonly text?: string };

/** A server without a network: a test gives the answers, by method and the beginning of the path, the longest first. */
export class FakeServer {
  readonly asked: Asked[] = [];
  private readonly answers = new Map<string, Answer>();

  constructor() {
    vi.stubGlobal("fetch", (url: URL, init: RequestInit = {}) => {
      const asked: Asked = {
        method: init.method ?? "GET",
        path: `${url.pathname.slice(1)}${url.search}`,
        body: typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : null,
      };
      this.asked.push(asked);
      const key = [...this.answers.keys()]
        .filter((one) => `${asked.method} ${asked.path}`.startsWith(one))
        .sort((a, b) => b.length - a.length)[0];
      if (key === undefined) return Promise.reject(new TypeError("nobody listens"));
      const { status = 200, body, text } = this.answers.get(key)!(asked);
      return Promise.resolve(new Response(text ?? JSON.stringify(body ?? null), { status }));
    });
  }

  /** From now on, what begins like this is answered so. */
  on(beginning: string, answer: Answer | object): void {
    this.answers.set(beginning, typeof answer === "function" ? (answer as Answer) : () => ({ body: answer }));
  }

  /** What was asked that is not a GET. */
  get changes(): readonly Asked[] {
    return this.asked.filter(({ method }) => method !== "GET");
  }
}

import { flag, list, number, object, optional, text } from "./read";
import { request } from "./request";

/** One way by which a receiver is told. */
export interface Integration {
  readonly name: string;
  /** From 0, among the receiver's integrations of this name. */
  readonly index: number;
  readonly sendResolved: boolean;
  /** A host or an address, never a secret. */
  readonly target: string;
}

export interface Receiver {
  readonly name: string;
  readonly integrations: readonly Integration[];
  /** How many routes lead to it. */
  readonly routes: number;
}

export interface Receivers {
  /** Nothing is configured: Daymark's own route, which only shows. */
  readonly builtIn: boolean;
  readonly configFile: string;
  readonly receivers: readonly Receiver[];
}

/** What became of one test notification. */
export interface TestResult {
  readonly integration: string;
  readonly index: number;
  readonly ok: boolean;
  readonly durationMs: number;
  /** The status of the other side's answer; 0 where there is none. */
  readonly status: number;
  readonly answer: string;
  readonly error: string;
}

const integration = object<Integration>((f) => ({
  name: f.get("name", text),
  index: f.get("index", number),
  sendResolved: f.get("send_resolved", flag),
  target: f.get("target", optional(text, "")),
}));

const receiver = object<Receiver>((f) => ({
  name: f.get("name", text),
  integrations: f.get("integrations", list(integration)),
  routes: f.get("routes", number),
}));

/** The body of GET /api/daymark/v1/receivers. */
export const readReceivers = object<Receivers>((f) => ({
  builtIn: f.get("built_in", flag),
  configFile: f.get("config_file", text),
  receivers: f.get("receivers", list(receiver)),
}));

/** The body of POST /api/daymark/v1/receivers/{name}/test. */
export const readTestResults = object<readonly TestResult[]>((f) =>
  f.get("results", list(object<TestResult>((r) => ({
    integration: r.get("integration", text),
    index: r.get("index", number),
    ok: r.get("ok", flag),
    durationMs: r.get("duration_ms", number),
    status: r.get("status", optional(number, 0)),
    answer: r.get("answer", optional(text, "")),
    error: r.get("error", optional(text, "")),
  })))),
);

/** GET /api/daymark/v1/receivers. */
export async function fetchReceivers(signal?: AbortSignal): Promise<Receivers> {
  return readReceivers(await request("api/daymark/v1/receivers", signal ? { signal } : {}), "");
}

/** Sends a real notification, marked as a test, through one integration. */
export async function testReceiver(name: string, one: { name: string; index: number }): Promise<readonly TestResult[]> {
  const body = { integration: one.name, index: one.index };
  return readTestResults(await request(`api/daymark/v1/receivers/${encodeURIComponent(name)}/test`, { method: "POST", body }), "");
}

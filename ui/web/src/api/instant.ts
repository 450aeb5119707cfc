import { apiUrl, RequestError } from "./client";
import { readHistogram } from "./messages";
import { DecodeError, labels, list, nullable, number, object, oneOf, text, type Reader } from "./read";
import type { Labels, Point, QueryError, QueryErrorKind } from "./types";

/** One series of an instant answer: a point, or with a range selector all of its points. */
export interface InstantSeries {
  readonly labels: Labels;
  /** Oldest first, at least one. */
  readonly points: readonly { readonly ms: number; readonly value: Point }[];
}

/** What an expression gives at one moment. */
export interface Instant {
  readonly type: "vector" | "scalar" | "matrix" | "string";
  readonly series: readonly InstantSeries[];
  /** The text that a string expression gives; "" for the others. */
  readonly text: string;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

type Sample = InstantSeries["points"][number];

function pair<T>(value: unknown, path: string, second: Reader<T>): { ms: number; value: T } {
  if (!Array.isArray(value) || value.length !== 2) throw new DecodeError(path, "a sample", value);
  const parts = value as unknown[];
  return { ms: Math.round(number(parts[0], `${path}[0]`) * 1000), value: second(parts[1], `${path}[1]`) };
}

const float: Reader<Point> = (value, path) => {
  const digits = text(value, path);
  return digits === "+Inf" ? Infinity : digits === "-Inf" ? -Infinity : Number(digits);
};
const floatSample: Reader<Sample> = (value, path) => pair(value, path, float);
const histogramSample: Reader<Sample> = (value, path) => pair<Point>(value, path, readHistogram);

const single = object<InstantSeries>((f) => ({
  labels: f.get("metric", labels),
  points: [f.get("value", nullable(floatSample)) ?? f.get("histogram", histogramSample)],
}));

const many = object<InstantSeries>((f) => ({
  labels: f.get("metric", labels),
  points: [...(f.get("values", nullable(list(floatSample))) ?? []), ...(f.get("histograms", nullable(list(histogramSample))) ?? [])].sort(
    (a, b) => a.ms - b.ms,
  ),
}));

const data = object<Omit<Instant, "warnings" | "infos">>((f) => {
  const type = f.get("resultType", oneOf("vector", "scalar", "matrix", "string"));
  switch (type) {
    case "vector":
      return { type, series: f.get("result", list(single)), text: "" };
    case "matrix":
      return { type, series: f.get("result", list(many)), text: "" };
    case "scalar":
      return { type, series: [{ labels: {}, points: [f.get("result", floatSample)] }], text: "" };
    case "string":
      return { type, series: [], text: f.get("result", (value, path) => pair(value, path, text)).value };
    default:
      return type satisfies never;
  }
});

/** The body of a successful /api/v1/query. */
export const readInstant = object<Instant>((f) => ({
  ...f.get("data", data),
  warnings: f.get("warnings", nullable(list(text))) ?? [],
  infos: f.get("infos", nullable(list(text))) ?? [],
}));

const kinds: Readonly<Record<string, QueryErrorKind>> = {
  bad_data: "parse", timeout: "timeout", execution: "execution", unavailable: "unavailable", canceled: "timeout",
};

async function failure(response: Response): Promise<RequestError> {
  const body = (await response.json().catch(() => null)) as { errorType?: unknown; error?: unknown } | null;
  const message = typeof body?.error === "string" ? body.error : `the server answered ${response.status}`;
  const kind = typeof body?.errorType === "string" ? (kinds[body.errorType] ?? "execution") : "unavailable";
  return new RequestError({ kind, message } satisfies QueryError);
}

/** POST /api/v1/query at atMs; null: now, by the server's clock. */
export async function queryInstant(expr: string, atMs: number | null, signal: AbortSignal): Promise<Instant> {
  const form = new URLSearchParams({ query: expr, ...(atMs === null ? {} : { time: String(atMs / 1000) }) });
  const response = await fetch(apiUrl("api/v1/query"), { method: "POST", body: form, signal }).catch(() => {
    signal.throwIfAborted();
    throw new RequestError({ kind: "unavailable", message: "Daymark did not answer" });
  });
  if (!response.ok) throw await failure(response);
  return readInstant(await response.json(), "");
}

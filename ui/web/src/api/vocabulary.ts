import { list, object, optional, text, type Reader } from "./read";
import { request } from "./request";

/** What is known of a metric beside its series. */
export interface MetricNote {
  readonly type: string;
  readonly help: string;
}

/** The most names or values that one question brings: more could be neither read nor chosen from. */
const most = 10_000;

async function ask<T>(path: string, params: URLSearchParams, reader: Reader<T>, signal?: AbortSignal): Promise<T> {
  const answer = await request(`${path}?${params.toString()}`, signal ? { signal } : {});
  return object((f) => f.get("data", reader))(answer, "");
}

function narrowed(selector: string, limit: number): URLSearchParams {
  return new URLSearchParams({ limit: String(limit), ...(selector === "" ? {} : { "match[]": selector }) });
}

/** The names of labels of the series that selector selects; "": of all series. */
export function fetchLabelNames(selector: string, signal?: AbortSignal): Promise<readonly string[]> {
  return ask("api/v1/labels", narrowed(selector, most), list(text), signal);
}

/** The values of a label among the series that selector selects; "": among all series. */
export function fetchLabelValues(label: string, selector: string, signal?: AbortSignal, limit = most): Promise<readonly string[]> {
  return ask(`api/v1/label/${labelInPath(label)}/values`, narrowed(selector, limit), list(text), signal);
}

/** A label's name as a part of an address: one beyond the old alphabet is escaped as Prometheus reads it there. */
export function labelInPath(label: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(label)) return label;
  return `U__${label.replace(/[^A-Za-z0-9]/gu, (char) => (char === "_" ? "__" : `_${(char.codePointAt(0) ?? 0).toString(16)}_`))}`;
}

const note = object<MetricNote>((f) => ({ type: f.get("type", optional(text, "")), help: f.get("help", optional(text, "")) }));

/** Type and help of metrics, by name. */
export async function fetchMetadata(signal?: AbortSignal): Promise<Readonly<Record<string, readonly MetricNote[]>>> {
  const read: Reader<Record<string, readonly MetricNote[]>> = (value, path) =>
    Object.fromEntries(Object.entries((value ?? {}) as Record<string, unknown>).map(([name, notes]) => [name, list(note)(notes, `${path}.${name}`)]));
  return ask("api/v1/metadata", new URLSearchParams({ limit: String(most), limit_per_metric: "1" }), read, signal);
}

/** A selector for the metrics in whose names the words of what stand, in that order, whatever their case. */
export function metricsLike(what: string): string {
  const words = what.trim().split(/\s+/).filter((word) => word !== "");
  const pattern = words.map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join(".*");
  return pattern === "" ? "" : `{__name__=~${JSON.stringify(`(?i).*${pattern}.*`)}}`;
}

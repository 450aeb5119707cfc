import { flag, list, number, object, oneOf, optional, text } from "./read";
import { request } from "./request";

/** A program with metrics that listens on this machine. */
export interface Exporter {
  readonly kind: string;
  readonly title: string;
  readonly port: number;
  readonly url: string;
  readonly job: string;
  /** covered: its metrics are here already, by another way. */
  readonly state: "scraped" | "ignored" | "covered";
  readonly reason: string;
  readonly foundMs: number;
  readonly lastSeenMs: number;
}

export interface Exporters {
  /** Daymark looks for them. */
  readonly probing: boolean;
  readonly intervalMs: number;
  readonly found: readonly Exporter[];
}

/** One entry, as PUT gives it back. */
export const readExporter = object<Exporter>((f) => ({
  kind: f.get("kind", text),
  title: f.get("title", text),
  port: f.get("port", number),
  url: f.get("url", text),
  job: f.get("job", text),
  state: f.get("state", oneOf("scraped", "ignored", "covered")),
  reason: f.get("reason", optional(text, "")),
  foundMs: f.get("found_ms", number),
  lastSeenMs: f.get("last_seen_ms", number),
}));

/** GET /api/daymark/v1/exporters, and the topic "exporters". */
export const readExporters = object<Exporters>((f) => ({
  probing: f.get("probing", flag),
  intervalMs: f.get("interval_ms", number),
  found: f.get("found", list(readExporter)),
}));

/** Leaves an exporter alone from now on, or scrapes it again; remembered. */
export async function ignoreExporter(url: string, ignored: boolean): Promise<Exporter> {
  return readExporter(await request("api/daymark/v1/exporters", { method: "PUT", body: { url, ignored } }), "");
}

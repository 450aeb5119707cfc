import { readAlerts, readStatus, readTargets } from "./documents";
import { readExporters } from "./exporters";
import { DecodeError, flag, labels, list, nullable, number, object, oneOf, optional, text, type Reader } from "./read";
import type { HistogramPoint, Point, QueryError, SeriesUpdate, ServerMessage, Update } from "./types";

/** One element of `v`: a number, null, "NaN", "+Inf", "-Inf" or a native histogram. */
export const readPoint: Reader<Point> = (value, path) => {
  if (value === null || typeof value === "number") return value;
  switch (value) {
    case "NaN":
      return NaN;
    case "+Inf":
      return Infinity;
    case "-Inf":
      return -Infinity;
    default:
      return readHistogram(value, path);
  }
};

const bucket: Reader<readonly [number, string, string, string]> = (value, path) => {
  if (!Array.isArray(value) || value.length !== 4) throw new DecodeError(path, "a bucket", value);
  const parts = value as unknown[];
  return [
    number(parts[0], `${path}[0]`),
    text(parts[1], `${path}[1]`),
    text(parts[2], `${path}[2]`),
    text(parts[3], `${path}[3]`),
  ];
};

export const readHistogram = object<HistogramPoint>((f) => ({
  count: f.get("count", text),
  sum: f.get("sum", text),
  buckets: f.get("buckets", optional(list(bucket), [])),
}));

const queryError = object<QueryError>((f) => {
  const start = f.get("start", nullable(number));
  const end = f.get("end", nullable(number));
  return {
    kind: f.get("kind", oneOf("parse", "limit", "unavailable", "timeout", "execution")),
    message: f.get("message", text),
    ...(start === null ? {} : { start }),
    ...(end === null ? {} : { end }),
  };
});

const series = object<SeriesUpdate>((f) => ({
  s: f.get("s", number),
  labels: f.get("labels", nullable(labels)),
  v: f.get("v", list(readPoint)),
}));

const update = object<Update>((f) => {
  const kind = f.get("kind", oneOf("snapshot", "points", "failed"));
  const watch = f.get("watch", number);
  if (kind === "failed") return { kind, watch, id: f.get("id", nullable(number)), error: f.get("error", queryError) };
  const span = {
    watch,
    fromMs: f.get("from_ms", number),
    toMs: f.get("to_ms", number),
    stepMs: f.get("step_ms", number),
    fedMs: f.get("fed_ms", number),
    intervalMs: f.get("interval_ms", number),
    series: f.get("series", list(series)),
  };
  const steps = (span.toMs - span.fromMs) / span.stepMs + 1;
  for (const one of span.series) {
    if (one.v.length !== steps) throw new DecodeError(`series ${one.s}`, `${steps} points`, one.v.length);
  }
  if (kind === "points") return { ...span, kind };
  return {
    ...span,
    kind,
    id: f.get("id", number),
    warnings: f.get("warnings", list(text)),
    infos: f.get("infos", list(text)),
    lost: f.get("lost", optional(number, 0)),
  };
});

const readMessage = object<ServerMessage | null>((f) => {
  const type = f.get("type", text);
  switch (type) {
    case "hello":
      return {
        type,
        protocol: f.get("protocol", text),
        build: f.get("build", text),
        instance: f.get("instance", text),
        nowMs: f.get("now_ms", number),
      };
    case "subscribed":
      return {
        type,
        id: f.get("id", number),
        watch: f.get("watch", number),
        expr: f.get("expr", text),
        stepMs: f.get("step_ms", number),
        windowMs: f.get("window_ms", number),
        incremental: f.get("incremental", flag),
      };
    case "refused":
      return { type, id: f.get("id", number), error: f.get("error", queryError) };
    case "frame":
      return { type, nowMs: f.get("now_ms", number), updates: f.get("updates", list(update)) };
    case "topic": {
      const topic = f.get("topic", oneOf("status", "alerts", "targets", "exporters"));
      switch (topic) {
        case "status":
          return { type, topic, body: f.get("body", readStatus) };
        case "alerts":
          return { type, topic, body: f.get("body", readAlerts) };
        case "targets":
          return { type, topic, body: f.get("body", readTargets) };
        case "exporters":
          return { type, topic, body: f.get("body", readExporters) };
        default:
          return topic satisfies never;
      }
    }
    case "bye":
      return { type, reason: f.get("reason", text) };
    default:
      return null;
  }
});

/** One text message of the websocket; null for a type that this build does not know. */
export function readServerMessage(data: string): ServerMessage | null {
  return readMessage(JSON.parse(data), "");
}

import { flag, labels, list, nullable, number, object, oneOf, optional, text } from "./read";
import type { Alert, Alerts, Delivery, Job, Pool, Silence, Status, Target, Targets } from "./types";

const job = object<Job>((f) => ({
  name: f.get("name", text),
  intervalMs: f.get("interval_ms", number),
  targets: f.get("targets", number),
}));

/** GET /api/daymark/v1/status, and the topic "status". */
export const readStatus = object<Status>((f) => ({
  version: f.get("version", text),
  build: f.get("build", text),
  instance: f.get("instance", text),
  protocol: f.get("protocol", text),
  startedMs: f.get("started_ms", number),
  nowMs: f.get("now_ms", number),
  ready: f.get("ready", flag),
  loading: f.get(
    "loading",
    nullable(object((l) => ({ stage: l.get("stage", text), percent: l.get("percent", number) }))),
  ),
  hostName: f.get("host_name", text),
  configFile: f.get("config_file", text),
  host: f.get("host", flag),
  self: f.get("self", flag),
  packs: f.get("packs", flag),
  hostJob: f.get("host_job", text),
  scrapeIntervalMs: f.get("scrape_interval_ms", number),
  inProcessIntervalMs: f.get("in_process_interval_ms", number),
  jobs: f.get("jobs", list(job)),
  paging: f.get(
    "paging",
    object((p) => ({
      builtIn: p.get("built_in", flag),
      receivers: p.get("receivers", list(text)),
      configFile: p.get("config_file", text),
    })),
  ),
  unauthenticated: f.get("unauthenticated", flag),
  externalUrl: f.get("external_url", text),
  retentionMs: f.get("retention_ms", number),
  lastCommitMs: f.get("last_commit_ms", number),
  lastReload: f.get(
    "last_reload",
    nullable(
      object((r) => ({ ok: r.get("ok", flag), atMs: r.get("at_ms", number), error: r.get("error", text) })),
    ),
  ),
}));

const delivery = object<Delivery>((f) => ({
  receiver: f.get("receiver", text),
  integration: f.get("integration", text),
  atMs: f.get("at_ms", number),
  ok: f.get("ok", flag),
  error: f.get("error", text),
}));

const silence = object<Silence>((f) => ({
  id: f.get("id", text),
  createdBy: f.get("created_by", text),
  comment: f.get("comment", text),
  endsMs: f.get("ends_ms", number),
}));

const alert = object<Alert>((f) => ({
  fingerprint: f.get("fingerprint", text),
  state: f.get("state", oneOf("firing", "pending")),
  severity: f.get("severity", oneOf("critical", "warning", "info", "none")),
  name: f.get("name", text),
  summary: f.get("summary", text),
  description: f.get("description", text),
  runbookUrl: f.get("runbook_url", text),
  labels: f.get("labels", labels),
  annotations: f.get("annotations", labels),
  sinceMs: f.get("since_ms", number),
  value: f.get("value", nullable(number)),
  generatorUrl: f.get("generator_url", text),
  status: f.get("status", oneOf("active", "suppressed", "unprocessed")),
  silencedBy: f.get("silenced_by", list(text)),
  silences: f.get("silences", optional(list(silence), [])),
  inhibitedBy: f.get("inhibited_by", list(text)),
  receivers: f.get("receivers", list(text)),
  deliveries: f.get("deliveries", list(delivery)),
}));

/** GET /api/daymark/v1/alerts, and the topic "alerts". */
export const readAlerts = object<Alerts>((f) => ({
  firing: f.get("firing", number),
  pending: f.get("pending", number),
  alerts: f.get("alerts", list(alert)),
  truncated: f.get("truncated", optional(number, 0)),
}));

const target = object<Target>((f) => ({
  instance: f.get("instance", text),
  url: f.get("url", text),
  labels: f.get("labels", labels),
  health: f.get("health", oneOf("up", "down", "unknown")),
  lastScrapeMs: f.get("last_scrape_ms", number),
  durationMs: f.get("duration_ms", number),
  intervalMs: f.get("interval_ms", number),
  timeoutMs: f.get("timeout_ms", number),
  error: f.get("error", text),
  samples: f.get("samples", number),
}));

const pool = object<Pool>((f) => ({
  job: f.get("job", text),
  up: f.get("up", number),
  down: f.get("down", number),
  unknown: f.get("unknown", number),
  dropped: f.get("dropped", number),
  intervalMs: f.get("interval_ms", number),
  targets: f.get("targets", list(target)),
}));

/** GET /api/daymark/v1/targets, and the topic "targets". */
export const readTargets = object<Targets>((f) => ({
  up: f.get("up", number),
  down: f.get("down", number),
  unknown: f.get("unknown", number),
  lastScrapeMs: f.get("last_scrape_ms", number),
  pools: f.get("pools", list(pool)),
  truncated: f.get("truncated", optional(number, 0)),
}));

import type { Exporters } from "./exporters";

/** A label set as the server writes it. Keys are in no particular order. */
export type Labels = Readonly<Record<string, string>>;

/** A native histogram, as in Prometheus's HTTP API: boundaries rule, lower, upper, count. */
export interface HistogramPoint {
  readonly count: string;
  readonly sum: string;
  readonly buckets: readonly (readonly [number, string, string, string])[];
}

/** One point of a series. null: there is none. "NaN" and the infinities have become numbers. */
export type Point = number | null | HistogramPoint;

export interface Series {
  readonly labels: Labels;
  /** One element per step of the frame. */
  readonly values: readonly Point[];
}

/** What an expression gives over a span of steps, both ends inclusive and multiples of the step. */
export interface Frame {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly series: readonly Series[];
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

export type QueryErrorKind = "parse" | "limit" | "unavailable" | "timeout" | "execution";

export interface QueryError {
  readonly kind: QueryErrorKind;
  readonly message: string;
  /** Byte offsets in the expression, end exclusive; with a parse error only. */
  readonly start?: number;
  readonly end?: number;
}

/** A query's state; error beside data: the last evaluation failed and data is what was known before. */
export type QueryState<T> =
  | { readonly status: "loading" }
  | { readonly status: "failed"; readonly error: QueryError }
  | { readonly status: "ready"; readonly data: T; readonly error: QueryError | null };

// The live protocol (docs/live.md).

export interface SeriesUpdate {
  readonly s: number;
  readonly labels: Labels | null;
  readonly v: readonly Point[];
}

interface Span {
  readonly watch: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly fedMs: number;
  readonly intervalMs: number;
  readonly series: readonly SeriesUpdate[];
}

export interface SnapshotUpdate extends Span {
  readonly kind: "snapshot";
  readonly id: number;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly lost: number;
}

export interface PointsUpdate extends Span {
  readonly kind: "points";
}

export interface FailedUpdate {
  readonly kind: "failed";
  readonly watch: number;
  /** The one subscription whose snapshot failed; null: the watch did, for all of them. */
  readonly id: number | null;
  readonly error: QueryError;
}

export type Update = SnapshotUpdate | PointsUpdate | FailedUpdate;

export type Topic =
  | { readonly topic: "status"; readonly body: Status }
  | { readonly topic: "alerts"; readonly body: Alerts }
  | { readonly topic: "targets"; readonly body: Targets }
  | { readonly topic: "exporters"; readonly body: Exporters };

export type TopicName = Topic["topic"];

export type ServerMessage =
  | { readonly type: "hello"; readonly protocol: string; readonly build: string; readonly instance: string; readonly nowMs: number }
  | {
      readonly type: "subscribed";
      readonly id: number;
      readonly watch: number;
      readonly expr: string;
      readonly stepMs: number;
      readonly windowMs: number;
      readonly incremental: boolean;
    }
  | { readonly type: "refused"; readonly id: number; readonly error: QueryError }
  | { readonly type: "frame"; readonly nowMs: number; readonly updates: readonly Update[] }
  | ({ readonly type: "topic" } & Topic)
  | { readonly type: "bye"; readonly reason: string };

export type ClientMessage =
  | { type: "subscribe"; id: number; expr: string; step_ms: number; window_ms: number }
  | { type: "unsubscribe"; id: number }
  | { type: "resync"; id: number }
  | { type: "topics"; topics: readonly TopicName[] };

// Whole documents.

export interface Job {
  readonly name: string;
  readonly intervalMs: number;
  readonly targets: number;
}

export interface Status {
  readonly version: string;
  readonly build: string;
  readonly instance: string;
  readonly protocol: string;
  readonly startedMs: number;
  readonly nowMs: number;
  readonly ready: boolean;
  readonly loading: { readonly stage: string; readonly percent: number } | null;
  readonly hostName: string;
  /** "" without a configuration file. */
  readonly configFile: string;
  readonly host: boolean;
  readonly self: boolean;
  readonly packs: boolean;
  readonly hostJob: string;
  readonly scrapeIntervalMs: number;
  readonly inProcessIntervalMs: number;
  readonly jobs: readonly Job[];
  readonly paging: { readonly builtIn: boolean; readonly receivers: readonly string[]; readonly configFile: string };
  readonly unauthenticated: boolean;
  readonly externalUrl: string;
  readonly retentionMs: number;
  readonly lastCommitMs: number;
  readonly lastReload: { readonly ok: boolean; readonly atMs: number; readonly error: string } | null;
}

export type Severity = "critical" | "warning" | "info" | "none";

export interface Delivery {
  readonly receiver: string;
  readonly integration: string;
  readonly atMs: number;
  readonly ok: boolean;
  readonly error: string;
}

/** What is known of one silence. */
export interface Silence {
  readonly id: string;
  readonly createdBy: string;
  readonly comment: string;
  readonly endsMs: number;
}

export interface Alert {
  readonly fingerprint: string;
  readonly state: "firing" | "pending";
  readonly severity: Severity;
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  /** "" unless it is http(s). */
  readonly runbookUrl: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly sinceMs: number;
  readonly value: number | null;
  readonly generatorUrl: string;
  readonly status: "active" | "suppressed" | "unprocessed";
  readonly silencedBy: readonly string[];
  /** Of those in silencedBy, the ones the server could tell more of. */
  readonly silences: readonly Silence[];
  readonly inhibitedBy: readonly string[];
  readonly receivers: readonly string[];
  readonly deliveries: readonly Delivery[];
}

export interface Alerts {
  readonly firing: number;
  readonly pending: number;
  readonly alerts: readonly Alert[];
  /** How many more there are than are listed. */
  readonly truncated: number;
}

export type Health = "up" | "down" | "unknown";

export interface Target {
  readonly instance: string;
  readonly url: string;
  readonly labels: Labels;
  readonly health: Health;
  readonly lastScrapeMs: number;
  readonly durationMs: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly error: string;
  readonly samples: number;
}

export interface Pool {
  readonly job: string;
  readonly up: number;
  readonly down: number;
  readonly unknown: number;
  readonly dropped: number;
  readonly intervalMs: number;
  readonly targets: readonly Target[];
}

export interface Targets {
  readonly up: number;
  readonly down: number;
  readonly unknown: number;
  readonly lastScrapeMs: number;
  readonly pools: readonly Pool[];
  readonly truncated: number;
}

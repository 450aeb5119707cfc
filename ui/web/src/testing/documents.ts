import type { Alert, Alerts, Status, Target, Targets } from "../api/types";

/** 12 October 2026, 05:47:00 UTC. */
export const nowMs = Date.UTC(2026, 9, 12, 5, 47);

export const status: Status = {
  version: "0.1.0", build: "b", instance: "i", protocol: "daymark.live.v1", startedMs: nowMs - 3_600_000, nowMs,
  ready: true, loading: null, hostName: "web-1", configFile: "", host: true, self: true, packs: true, hostJob: "node",
  scrapeIntervalMs: 1000, inProcessIntervalMs: 1000,
  jobs: [{ name: "node", intervalMs: 1000, targets: 1 }, { name: "daymark", intervalMs: 1000, targets: 1 }],
  paging: { builtIn: true, receivers: ["daymark"], configFile: "" },
  unauthenticated: false, externalUrl: "http://127.0.0.1:5470/", retentionMs: 1_296_000_000, lastCommitMs: nowMs - 2000,
  lastReload: { ok: true, atMs: nowMs - 3_600_000, error: "" },
};

export const target: Target = {
  instance: "web-1", url: "http://web-1/metrics", labels: { job: "node", instance: "web-1" }, health: "up",
  lastScrapeMs: nowMs - 2000, durationMs: 12.5, intervalMs: 1000, timeoutMs: 1000, error: "", samples: 812,
};

/** So many targets up, down and not scraped yet, in one job. */
export function targets(up: number, down = 0, unknown = 0): Targets {
  const make = (n: number, health: Target["health"], error: string) =>
    Array.from({ length: n }, (_, i) => ({ ...target, instance: `${health}-${i}:9100`, health, error }));
  return {
    up, down, unknown, lastScrapeMs: nowMs - 2000, truncated: 0,
    pools: [
      {
        job: "node", up, down, unknown, dropped: 0, intervalMs: 1000,
        targets: [...make(down, "down", 'Get "http://10.0.0.7:9100/metrics": connection refused'), ...make(up, "up", ""), ...make(unknown, "unknown", "")],
      },
    ],
  };
}

export const alert: Alert = {
  fingerprint: "a1", state: "firing", severity: "critical", name: "PaymentLatencyHigh",
  summary: "Payments take 2.4 s at the 99th percentile", description: "The provider answers slowly in EU.",
  runbookUrl: "https://runbooks.example.com/payment-latency", labels: { alertname: "PaymentLatencyHigh", region: "eu" },
  annotations: {}, sinceMs: nowMs - 960_000, value: 2.4, generatorUrl: "", status: "active", silencedBy: [], silences: [],
  inhibitedBy: [], receivers: ["pager"], deliveries: [],
};

export function alerts(...list: readonly Alert[]): Alerts {
  const firing = list.filter((one) => one.state === "firing").length;
  return { firing, pending: list.length - firing, alerts: list, truncated: 0 };
}

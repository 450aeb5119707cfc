import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { golden, goldenFolder } from "../testing/golden";
import { readDashboard, readDashboards } from "./dashboards";
import { readAlerts, readStatus, readTargets } from "./documents";
import { readServerMessage } from "./messages";
import { DecodeError } from "./read";

describe("the server's documents", () => {
  it("reads the status", () => {
    const status = readStatus(JSON.parse(golden("status")), "");
    expect(status).toMatchObject({ ready: true, loading: null, hostName: "web-1", host: true, hostJob: "node" });
    expect(status.paging).toEqual({ builtIn: true, receivers: ["daymark"], configFile: "" });
    expect(status.jobs[0]).toEqual({ name: "node", intervalMs: 1000, targets: 1 });
  });

  it("reads the status while history is loading", () => {
    const status = readStatus(JSON.parse(golden("status-loading")), "");
    expect(status.loading).toEqual({ stage: "replaying the write-ahead log", percent: 40 });
    expect(status).toMatchObject({ ready: false, unauthenticated: true });
    expect(status.lastReload).toMatchObject({ ok: false });
  });

  it("reads the alerts", () => {
    const { firing, pending, alerts, truncated } = readAlerts(JSON.parse(golden("alerts")), "");
    expect([firing, pending, truncated]).toEqual([2, 1, 0]);
    expect(alerts.map((alert) => [alert.name, alert.state, alert.severity, alert.status])).toEqual([
      ["PaymentLatencyHigh", "firing", "critical", "active"],
      ["ConnectionPoolSaturated", "firing", "warning", "suppressed"],
      ["CheckoutTimeouts", "pending", "none", "unprocessed"],
    ]);
    expect(alerts[0]!.deliveries.map((delivery) => delivery.ok)).toEqual([false, true]);
    expect(alerts[2]!.value).toBeNull();
  });

  it("reads the targets", () => {
    const targets = readTargets(JSON.parse(golden("targets")), "");
    expect([targets.up, targets.down, targets.unknown]).toEqual([1, 1, 1]);
    expect(targets.pools[1]!.targets[0]).toMatchObject({ health: "down", timeoutMs: 5000 });
    expect(targets.pools[1]!.targets[0]!.error).toContain("context deadline exceeded");
  });
});

describe("dashboards", () => {
  it("reads the list", () => {
    expect(readDashboards(JSON.parse(golden("dashboards")), "")).toEqual([
      { uid: "every-kind", title: "Every <b>kind</b>", description: "One of each.", tags: ["built-in", "<script>alert(1)</script>"], builtIn: true, panels: 7 },
    ]);
  });

  it("reads one with every kind of panel, and no more of it than is drawn", () => {
    const { panels, variables, from, to } = readDashboard(JSON.parse(golden("dashboard")), "");
    expect([from, to]).toEqual(["now-15m", "now"]);
    expect(variables.map(({ name, value }) => [name, value])).toEqual([["host_job", ".+"], ["service", ".*"]]);
    expect(panels.map(({ view }) => view.kind)).toEqual(["timeseries", "stat", "gauge", "bargauge", "row"]);
    expect(panels[0]!.defaults).toMatchObject({ unit: "reqps", decimals: 1, min: 0, max: 100, drawStyle: "line", fillOpacity: 10, stacked: true, thresholdLines: true, softMax: 10 });
    expect(panels[0]!.defaults.thresholds).toEqual({ percentage: false, steps: [{ color: "green", value: null }, { color: "red", value: 80 }] });
    expect(panels[0]!.overrides).toEqual([{ matcher: "byName", options: "shop", field: { unit: "short", fixedColor: "red" } }]);
    expect(panels[1]!.defaults).toEqual({ noValue: "nobody", mappings: [{ type: "value", texts: { "0": "none" } }] });
    const row = panels[4]!.view;
    const inner = row.kind === "row" ? row.panels.map(({ view }) => view) : [];
    expect(inner.map(({ kind }) => kind)).toEqual(["table", "text", "unknown"]);
    expect(inner[0]).toMatchObject({ sortBy: [{ column: "Job", desc: false }], organize: { exclude: ["Time"], rename: { job: "Job" }, order: { job: 0 } } });
    expect(inner[2]).toEqual({ kind: "unknown", type: "heatmap" });
  });

  it("says where a field is not what it should be", () => {
    const document = JSON.parse(golden("dashboard")) as { dashboard: { panels: { gridPos: { w: unknown } }[] } };
    document.dashboard.panels[1]!.gridPos.w = "4";
    expect(() => readDashboard(document, "")).toThrow('dashboard.panels[1].gridPos.w: want a number, got "4"');
  });
});

describe("the live protocol's messages", () => {
  const names = readdirSync(goldenFolder)
    .filter((name) => /^live-.*\.json$/.test(name))
    .map((name) => name.replace(".json", ""));

  it("has a body for each type", () => {
    const types = new Set(names.map((name) => readServerMessage(golden(name))?.type));
    expect([...types].sort()).toEqual(["bye", "frame", "hello", "refused", "subscribed", "topic"]);
  });

  it("reads a snapshot with its gaps and odd numbers", () => {
    const message = readServerMessage(golden("live-frame-snapshot"));
    const update = message?.type === "frame" ? message.updates[0] : undefined;
    const series = update?.kind === "snapshot" ? update.series : [];
    expect(series[0]!.v.slice(0, 4)).toEqual([1, 1, null, 1]);
    expect(series[1]!.v.slice(0, 4)).toEqual([NaN, Infinity, -Infinity, 0.25]);
    expect(series[1]!.labels).toEqual({ __name__: "up", job: "<script>alert(1)</script>" });
  });

  it("reads points, and new labels only where they stand", () => {
    const message = readServerMessage(golden("live-frame-points"));
    const update = message?.type === "frame" ? message.updates[0] : undefined;
    const series = update?.kind === "points" ? update.series : [];
    expect(series.map((one) => one.labels === null)).toEqual([true, false]);
  });

  it("reads why an evaluation failed and why a subscription was refused", () => {
    expect(readServerMessage(golden("live-frame-failed"))).toMatchObject({
      updates: [{ kind: "failed", error: { kind: "timeout", message: "query timed out in expression evaluation" } }],
    });
    expect(readServerMessage(golden("live-refused"))).toMatchObject({
      error: { kind: "parse", message: "unclosed left parenthesis", start: 4, end: 5 },
    });
  });

  it("passes over a type that it does not know", () => {
    expect(readServerMessage('{"type":"weather","sunny":true}')).toBeNull();
  });

  it.each([
    ["a field of another type", '{"type":"bye","reason":7}', "reason: want a string, got 7"],
    ["a field that is missing", '{"type":"frame","updates":[]}', "now_ms: want a number, got nothing"],
    [
      "a row that does not fit its span",
      '{"type":"frame","now_ms":1,"updates":[{"watch":1,"kind":"points","from_ms":0,"to_ms":1000,"step_ms":1000,"fed_ms":0,"interval_ms":0,"series":[{"s":0,"v":[1]}]}]}',
      "series 0: want 2 points, got 1",
    ],
  ])("names %s", (_, body, message) => {
    expect(() => readServerMessage(body)).toThrow(DecodeError);
    expect(() => readServerMessage(body)).toThrow(message);
  });
});

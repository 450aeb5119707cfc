import { describe, expect, it } from "vitest";
import { alert, alerts, targets } from "../testing/documents";
import type { PageEntry } from "../parts/pageEntry";
import { findActions, paletteActions, type PaletteAction, type PaletteDeeds } from "./paletteActions";

const pages: readonly PageEntry[] = [
  { path: "/", label: "Overview", shortcut: "g o", icon: () => null, load: () => Promise.resolve(), routes: ["/"], Page: () => null },
];
const told: string[] = [];
const deeds: PaletteDeeds = {
  goTo: (path) => told.push(`go ${path}`),
  setRange: (range) => told.push(`range ${JSON.stringify(range)}`),
  setScheme: (scheme) => told.push(`scheme ${scheme}`),
};
const run = (list: ReturnType<typeof paletteActions>, label: string) => {
  told.length = 0;
  list.find((action) => action.label === label)?.run();
  return told[0];
};

describe("the palette", () => {
  const list = paletteActions(
    {
      pages, alerts: alerts(alert), targets: targets(1, 1), metrics: ["node_cpu_seconds_total", "http.requests"],
      dashboards: [{ uid: "machine", title: "This machine", description: "Processor and memory", tags: ["built-in"], builtIn: true, panels: 14 }],
    },
    deeds,
  );

  it("reaches pages, alerts, targets, times and colours", () => {
    expect(run(list, "Overview")).toBe("go /");
    expect(run(list, "PaymentLatencyHigh")).toBe("go /alerts?alert=a1");
    expect(run(list, "up-0:9100")).toBe("go /targets?job=node&search=up-0%3A9100");
    expect(run(list, "This machine")).toBe("go /d/machine");
    expect(run(list, "node_cpu_seconds_total")).toBe("go /explore?expr=node_cpu_seconds_total");
    expect(run(list, "http.requests")).toBe("go /explore?expr=%7B%22http.requests%22%7D");
    expect(run(list, "Show the last 1 h")).toBe('range {"kind":"live","windowMs":3600000}');
    expect(run(list, "Dark colours")).toBe("scheme dark");
  });

  it("puts what is down before what is up", () => {
    const health = list.filter(({ id }) => id.startsWith("target")).map(({ description }) => description);
    expect(health).toEqual(["Target of job node, down", "Target of job node, up"]);
  });

  it("finds an alert by its labels and its summary", () => {
    expect(list.find(({ label }) => label === "PaymentLatencyHigh")?.keywords).toEqual([
      "Payments take 2.4 s at the 99th percentile", "PaymentLatencyHigh", "eu",
    ]);
  });

  it("works before anything has been heard", () => {
    expect(paletteActions({ pages, alerts: null, targets: null, metrics: [], dashboards: [] }, deeds).map(({ label }) => label)).toContain("Overview");
  });
});

describe("what the palette finds", () => {
  const action = (kind: PaletteAction["kind"], label: string, ...keywords: string[]): PaletteAction => ({
    id: `${kind} ${label}`, kind, label, description: kind, keywords, run: () => undefined,
  });
  const names = (query: string, list: readonly PaletteAction[]) => findActions(query, list).map(({ label }) => label);

  it("is called by every word, wherever it stands, the closest name first", () => {
    const list = [action("target", "cpu-box"), action("metric", "node_cpu_seconds_total"), action("alert", "HostHot", "cpu above 90 %"), action("page", "CPU")];
    expect(names("cpu", list)).toEqual(["CPU", "cpu-box", "node_cpu_seconds_total", "HostHot"]);
    expect(names("sec cpu", list)).toEqual(["node_cpu_seconds_total"]);
    expect(names("alert cpu", list)).toEqual(["HostHot"]);
    expect(names("nowhere", list)).toEqual([]);
  });

  it("is bounded, and no kind pushes out the others", () => {
    const many = Array.from({ length: 500 }, (_, i) => action("target", `web-${i}`));
    const found = findActions("web", [...many, action("metric", "a_web_metric")]);
    expect(found.length).toBeLessThanOrEqual(12);
    expect(found.map(({ kind }) => kind)).toContain("metric");
  });

  it("takes what is typed as text", () => {
    expect(names("(.*[", [action("metric", "up")])).toEqual([]);
    expect(names("  ", [action("metric", "up")])).toEqual(["up"]);
  });
});

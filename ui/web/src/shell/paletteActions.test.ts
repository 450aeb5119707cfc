import { describe, expect, it } from "vitest";
import { alert, alerts, targets } from "../testing/documents";
import type { PageEntry } from "../parts/pageEntry";
import { paletteActions, type PaletteDeeds } from "./paletteActions";

const pages: readonly PageEntry[] = [
  { path: "/", label: "Overview", shortcut: "g o", icon: () => null, routes: ["/"], Page: () => null },
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
  const list = paletteActions(pages, alerts(alert), targets(1, 1), deeds);

  it("reaches pages, alerts, targets, times and colours", () => {
    expect(run(list, "Overview")).toBe("go /");
    expect(run(list, "PaymentLatencyHigh")).toBe("go /alerts?alert=a1");
    expect(run(list, "up-0:9100")).toBe("go /targets?job=node&search=up-0%3A9100");
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
    expect(paletteActions(pages, null, null, deeds).map(({ label }) => label)).toContain("Overview");
  });
});

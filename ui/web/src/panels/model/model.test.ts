import { describe, expect, it } from "vitest";
import type { Field, Panel } from "../../api/dashboards";
import type { Aligned } from "../../chart/align";
import { fieldFor, fieldText, inkOf, levelOf, levelsOf, shareOf, toneOf } from "./field";
import { blocksOf, safeHref, spansOf } from "./markdown";
import { displayName, metricNames, seriesName } from "./names";
import { reduce } from "./reduce";
import { leastStepMs, scrapeIntervalMs } from "./scrape";
import { sortRows, tableModel } from "./table";

const steps = (list: [number | null, string][], percentage = false): Field => ({ thresholds: { percentage, steps: list.map(([value, color]) => ({ value, color })) } });

describe("fieldFor", () => {
  const panel = {
    defaults: { unit: "short", decimals: 1 },
    overrides: [
      { matcher: "byName", options: "shop", field: { unit: "bytes" } },
      { matcher: "byRegexp", options: "/^SH/i", field: { decimals: 3 } },
      { matcher: "byRegexp", options: "(", field: { unit: "broken" } },
      { matcher: "byFrameRefID", options: "B", field: { unit: "s" } },
      { matcher: "byType", options: "number", field: { unit: "none" } },
    ],
  };
  it.each([
    ["nobody", "A", { unit: "short", decimals: 1 }],
    ["shop", "A", { unit: "bytes", decimals: 3 }],
    ["shop", "B", { unit: "s", decimals: 3 }],
  ])("%s of target %s", (name, refId, want) => {
    expect(fieldFor(panel, { name, refId })).toEqual(want);
  });
});

describe("colours", () => {
  it.each([
    ["green", "healthy"], ["dark-red", "critical"], ["semi-dark-orange", "warning"], ["#EAB839", "warning"], ["#73BF69", "healthy"],
    ["rgba(245, 54, 54, 0.9)", "critical"], ["#5794F2", "info"], ["light-purple", "info"], ["text", "normal"], ["#808080", "normal"], ["transparent", "normal"],
  ])("%s means %s", (colour, want) => {
    expect(toneOf(colour)).toBe(want);
  });
  it("fixed ones become the nearest of ours", () => {
    expect([inkOf("red"), inkOf("#73BF69"), inkOf(undefined), inkOf("rgb(9,9,9)")]).toEqual([3, 2, null, null]);
  });
});

describe("thresholds", () => {
  const high = steps([[null, "green"], [0.85, "orange"], [0.95, "red"]]);
  const low = steps([[null, "red"], [0.5, "yellow"], [1, "green"]]);
  it.each<[number | null, Field, string]>([
    [0.2, high, "normal"], [0.85, high, "warning"], [2, high, "critical"], [null, high, "normal"], [NaN, high, "normal"],
    [0.2, low, "critical"], [0.5, low, "warning"], [1, low, "healthy"],
    [3, {}, "normal"],
  ])("%d", (value, field, want) => {
    expect(levelOf(value, field)).toBe(want);
  });
  it("counts percentages from min to max", () => {
    expect(levelsOf({ ...steps([[null, "green"], [80, "red"]], true), min: 100, max: 200 }).map(({ from }) => from)).toEqual([-Infinity, 180]);
  });
});

describe("fieldText", () => {
  const field: Field = {
    unit: "s", noValue: "nobody knows",
    mappings: [
      { type: "value", texts: { "0": "off", "1": "on" } },
      { type: "range", from: 100, to: null, text: "for ever" },
      { type: "special", match: "nan", text: "undefined" },
      { type: "regex", pattern: "^5\\d$", text: "fifty-odd" },
    ],
  };
  it.each<[number | null, string]>([[0, "off"], [1, "on"], [2, "2 s"], [55, "fifty-odd"], [150, "for ever"], [NaN, "undefined"], [null, "nobody knows"]])("%d", (value, want) => {
    expect(fieldText(value, field).replaceAll("\u00a0", " ")).toBe(want);
  });
});

describe("shareOf", () => {
  it.each<[number | null, Field, number, number | null]>([
    [5, {}, 10, 0.5], [50, { unit: "percent" }, 50, 0.5], [0.5, { unit: "percentunit" }, 0.5, 0.5], [15, { min: 10, max: 20 }, 99, 0.5],
    [30, { max: 20 }, 99, 1], [-1, {}, 9, 0], [0, {}, 0, 0], [null, {}, 9, null],
  ])("%d of %o", (value, field, greatest, want) => {
    expect(shareOf(value, field, greatest)).toBe(want);
  });
});

describe("reduce", () => {
  const points = [null, 1, 4, null, 3, null];
  it.each<[string, number | null]>([
    ["lastNotNull", 3], ["last", null], ["first", null], ["firstNotNull", 1], ["mean", 8 / 3], ["sum", 8], ["min", 1], ["max", 4], ["count", 3],
    ["range", 3], ["diff", 2], ["delta", 3], ["somethingNew", 3],
  ])("%s", (calc, want) => {
    expect(reduce(points, calc)).toBe(want);
  });
  it("has nothing to say of nothing", () => {
    expect([reduce([null], "mean"), reduce([], "lastNotNull"), reduce([], "count")]).toEqual([null, null, 0]);
  });
});

describe("seriesName", () => {
  const labels = { __name__: "up", job: "shop", region: "eu" };
  it.each([
    ["{{job}} in {{ region }}", labels, "shop in eu"],
    ["{{missing}}x", labels, "x"],
    ["{{missing}}", labels, "A"],
    ["{{constructor}}", labels, "A"],
    ["", labels, 'up{job="shop", region="eu"}'],
    ["__auto", { job: "shop" }, "shop"],
    ["", {}, "A"],
    ["<b>{{job}}</b>", { job: "<script>" }, "<b><script></b>"],
  ])("%s", (format, of, want) => {
    expect(seriesName(of, format, "A")).toBe(want);
  });
  it("is changed by a display name", () => {
    expect(displayName("${__field.labels.job}: ${__series.name} $", "p99", labels)).toBe("shop: p99 $");
  });
});

describe("metricNames", () => {
  it.each([
    ["up", ["up"]],
    ['sum by (job, le) (rate(a_bucket{le="x", job=~"b"}[5m])) / on (job) group_left (x) sum(b:c) > bool 0', ["a_bucket", "b:c"]],
    ["histogram_quantile(0.99, sum by (le) (rate(x_bucket[1m]) or rate(y_bucket[1m])))", ["x_bucket", "y_bucket"]],
    ['{__name__="with.dots", job="a"}', ["with.dots"]],
    ['label_replace(a, "x", "$1", "y", "(b c).*") offset 5m @ start()', ["a"]],
    ["time() - max(node_boot_time_seconds) # or later", ["node_boot_time_seconds"]],
    ["1e3 + 0x1F + Inf", []],
  ])("%s", (expr, want) => {
    expect(metricNames(expr)).toEqual(want);
  });
});

describe("the scrape interval", () => {
  const status = {
    scrapeIntervalMs: 60_000,
    jobs: [{ name: "node", intervalMs: 1000, targets: 1 }, { name: "my.shop", intervalMs: 15_000, targets: 2 }, { name: "empty", intervalMs: 90_000, targets: 0 }],
  };
  it.each([
    ['rate(x{job="node"}[1m])', 1000],
    ['rate(x{job=~"my\\\\.shop"}[1m])', 15_000],
    ["rate(x[1m])", 15_000],
    ['rate(x{job="gone"}[1m])', 15_000],
  ])("%s", (expr, want) => {
    expect(scrapeIntervalMs(expr, status)).toBe(want);
  });
  it("is the global one where nothing is scraped", () => {
    expect(scrapeIntervalMs("x", { ...status, jobs: [] })).toBe(60_000);
  });
  it("reads least steps", () => {
    expect([leastStepMs("10s"), leastStepMs(">1m"), leastStepMs(""), leastStepMs("$x")]).toEqual([10_000, 60_000, 0, 0]);
  });
});

describe("a table", () => {
  const line = (query: number, labels: Record<string, string>, ...values: (number | null)[]) => ({ query, labels, values });
  const aligned: Aligned = {
    fromMs: 0, stepMs: 1000, count: 2,
    lines: [line(0, { __name__: "size", job: "b", disk: "sda" }, 1, 10), line(1, { job: "b", disk: "sda" }, 2, null), line(0, { job: "a", disk: "<i>" }, null, 7), line(1, { job: "gone" }, null, null)],
  };
  const target = (refId: string) => ({ refId, expr: "x", legendFormat: "", instant: true, hide: false, interval: "" });
  const view = { kind: "table", header: true, sortBy: [], organize: { exclude: ["job"], rename: { disk: "Disk" }, order: { "Value #B": 0, disk: 1 } } } as const;
  const panel: Panel = {
    id: 1, title: "", description: "", gridPos: { x: 0, y: 0, w: 1, h: 1 }, interval: "", maxDataPoints: null, defaults: { unit: "short" }, view,
    targets: [target("A"), { ...target("Z"), hide: true }, target("B")],
    overrides: [{ matcher: "byName", options: "Value #A", field: { displayName: "Size", unit: "bytes" } }],
  };
  it("joins what has the same labels, names, orders and leaves out", () => {
    const { columns, rows } = tableModel(aligned, panel, view);
    expect(columns.map(({ id, name, field }) => [id, name, field.unit])).toEqual([["Value #B", "Value #B", "short"], ["disk", "Disk", "short"], ["Value #A", "Size", "bytes"]]);
    expect(rows).toEqual([[2, "sda", 10], [null, "<i>", 7]]);
  });
  it("sorts numbers as numbers, and what is missing last", () => {
    const rows = [[null, "c"], [9, "a"], [10, "b"]];
    expect(sortRows(rows, 0, false).map(([, name]) => name)).toEqual(["a", "b", "c"]);
    expect(sortRows(rows, 0, true).map(([, name]) => name)).toEqual(["b", "a", "c"]);
    expect(sortRows(rows, 1, true).map(([, name]) => name)).toEqual(["c", "b", "a"]);
  });
});

describe("text", () => {
  it("knows a part of Markdown and takes HTML for text", () => {
    expect(blocksOf("# One\nTwo\nthree <b>x</b>\n\n- a\n- **b**\n1. c\n```\n<i>\n```")).toEqual([
      { kind: "heading", level: 1, spans: [{ kind: "text", text: "One" }] },
      { kind: "paragraph", spans: [{ kind: "text", text: "Two three <b>x</b>" }] },
      { kind: "list", ordered: false, items: [[{ kind: "text", text: "a" }], [{ kind: "strong", text: "b" }]] },
      { kind: "list", ordered: true, items: [[{ kind: "text", text: "c" }]] },
      { kind: "code", text: "<i>" },
    ]);
  });
  it("follows no address but http and this site's", () => {
    expect(["https://a.b/c", "HTTP://a", "/d/x", "//evil", "javascript:alert(1)", "data:x", "java\nscript:1"].map(safeHref)).toEqual(
      ["https://a.b/c", "HTTP://a", "/d/x", null, null, null, null],
    );
    expect(spansOf("[x](javascript:alert(1)) _y_ `z`")).toContainEqual({ kind: "em", text: "y" });
    expect(spansOf("[x](javascript:alert) a_b_c")).toEqual([{ kind: "text", text: "[x](javascript:alert)" }, { kind: "text", text: " a_b_c" }]);
  });
});

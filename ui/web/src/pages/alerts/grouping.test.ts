import { describe, expect, it } from "vitest";
import { alert } from "../../testing/documents";
import { bySeverity, filterAlerts, ownExpression } from "./grouping";

const none = { matchers: [], receiver: "", words: "" };
const named = (fingerprint: string, over: Partial<typeof alert>) => ({ ...alert, fingerprint, ...over });
const ids = (list: readonly { fingerprint: string }[] | null) => list?.map(({ fingerprint }) => fingerprint);

describe("filterAlerts", () => {
  const eu = named("eu", { labels: { alertname: "Slow", region: "eu" }, receivers: ["pager", "mail"] });
  const us = named("us", { labels: { alertname: "Slow", region: "us" }, summary: "Payments in the US", receivers: ["pager"] });
  const list = [eu, us];

  it("leaves all without a filter", () => expect(ids(filterAlerts(list, none))).toEqual(["eu", "us"]));
  it("asks all matchers", () =>
    expect(ids(filterAlerts(list, { ...none, matchers: [{ name: "alertname", op: "=", value: "Slow" }, { name: "region", op: "!~", value: "u.*" }] }))).toEqual(["eu"]));
  it("asks the receiver", () => expect(ids(filterAlerts(list, { ...none, receiver: "mail" }))).toEqual(["eu"]));
  it("finds words anywhere, whatever their case", () => expect(ids(filterAlerts(list, { ...none, words: "payMENTS us" }))).toEqual(["us"]));
  it("says so when an expression is the server's alone", () =>
    expect(filterAlerts(list, { ...none, matchers: [{ name: "region", op: "=~", value: "(?P<x>e" }] })).toBeNull());
});

describe("bySeverity", () => {
  it("sorts by severity, then by who is told, then by age", () => {
    const list = [
      named("pending", { state: "pending", sinceMs: 1 }),
      named("muted", { status: "suppressed", sinceMs: 2 }),
      named("young", { sinceMs: 9 }),
      named("old", { sinceMs: 3 }),
      named("warning", { severity: "warning", sinceMs: 0 }),
    ];
    expect(bySeverity(list).map(({ severity, alerts }) => [severity, ids(alerts)])).toEqual([
      ["critical", ["old", "young", "muted", "pending"]],
      ["warning", ["warning"]],
    ]);
  });
});

describe("ownExpression", () => {
  const here = "https://metrics.example.com/daymark/";
  it.each([
    [`${here}graph?g0.expr=up+%3D%3D+0&g0.tab=1`, "up == 0"],
    ["https://other.example.com/graph?g0.expr=up", null],
    [`${here}graph`, null],
    ["", null],
  ])("%s", (url, want) => expect(ownExpression(url, here)).toBe(want));
});

import { describe, expect, it } from "vitest";
import { alertHref, alertsHref, dashboardHref, exploreHref, keepRange, silenceHref, targetHref } from "./links";

const read = (href: string) => [...new URLSearchParams(href.split("?")[1] ?? "")];

describe("links", () => {
  it("lead to Explore with every expression, its time and its tab", () => {
    const exprs = ['rate(http_requests_total{code=~"5..", path="/a&b=c"}[5m])', 'up{job="käse 🧀"} > 0 # x'];
    const href = exploreHref(exprs, { kind: "fixed", fromMs: 1000, toMs: 9000 }, "table");
    expect(href.startsWith("/explore?")).toBe(true);
    expect(read(href)).toEqual([["expr", exprs[0]], ["expr", exprs[1]], ["tab", "table"], ["from", "1000"], ["to", "9000"]]);
    expect(exploreHref([])).toBe("/explore");
    expect(exploreHref(["up"], { kind: "live", windowMs: 900_000 }, "graph")).toBe("/explore?expr=up&from=now-15m&to=now");
  });

  it("write matchers as Alertmanager reads them", () => {
    const matchers = [
      { name: "alertname", op: "=", value: 'Say "hi" \\ there\n' },
      { name: "dotted.name", op: "!~", value: "a|b" },
    ] as const;
    const filter = '{alertname="Say \\"hi\\" \\\\ there\\n",dotted.name!~"a|b"}';
    expect(read(silenceHref(matchers))).toEqual([["filter", filter]]);
    expect(silenceHref([])).toBe("/alerts/silences/new");
    expect(read(alertsHref(matchers, "pager"))).toEqual([["filter", filter], ["receiver", "pager"]]);
  });

  it("lead to one alert, dashboard or job", () => {
    expect(alertHref("a1b2")).toBe("/alerts?alert=a1b2");
    expect(dashboardHref("a/b c")).toBe("/d/a%2Fb%20c");
    expect(targetHref("node exporter")).toBe("/targets?job=node+exporter");
    expect(targetHref()).toBe("/targets");
    expect(targetHref("node", "web-1:9100")).toBe("/targets?job=node&search=web-1%3A9100");
  });

  it("keep the time on the way to another page", () => {
    expect(keepRange("/explore", "?from=now-1h&to=now&expr=up")).toBe("/explore?from=now-1h&to=now");
    expect(keepRange("/explore?expr=up&from=now-5m", "from=now-1h&to=now")).toBe("/explore?expr=up&from=now-5m&to=now");
    expect(keepRange("/", "")).toBe("/");
  });
});

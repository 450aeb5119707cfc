import { describe, expect, it } from "vitest";
import { foreignHref } from "./foreign";

/** Follows an address as it stands behind the origin and Daymark's own path. */
function follow(address: string): { path: string; params: Record<string, string[]> } | null {
  const url = new URL(address, "http://daymark.example");
  const href = foreignHref({ path: url.pathname, search: url.search, hash: url.hash });
  if (href === null) return null;
  const to = new URL(href, "http://daymark.example");
  const params: Record<string, string[]> = {};
  for (const [name, value] of to.searchParams) (params[name] ??= []).push(value);
  return { path: to.pathname, params };
}

describe("links of Prometheus", () => {
  it("open Explore: the generator link of an alert, as strutil.TableLinkForExpression writes it", () => {
    // url.QueryEscape of an expression with everything in it.
    const address =
      "/graph?g0.expr=sum+by+%28job%29+%28rate%28http_requests_total%7Bcode%3D~%225..%22%2Cpath%3D%22%2Fa%26b%22%7D%5B5m%5D%29%29+%3E+0.5+%2B+1&g0.tab=1";
    expect(follow(address)).toEqual({
      path: "/explore",
      params: { expr: ['sum by (job) (rate(http_requests_total{code=~"5..",path="/a&b"}[5m])) > 0.5 + 1'], tab: ["table"] },
    });
    expect(follow("/graph?g0.expr=up&g0.tab=0")?.params).toEqual({ expr: ["up"] });
  });

  it("open Explore with every panel and the time of Prometheus 3's own address", () => {
    const address =
      "/query?g0.expr=up&g0.show_tree=0&g0.tab=graph&g0.end_input=2026-10-12+05%3A47%3A12&g0.moment_input=2026-10-12+05%3A47%3A12&g0.range_input=1h30m" +
      "&g0.res_type=auto&g0.res_density=medium&g0.display_mode=lines&g0.show_exemplars=0&g1.expr=go_goroutines&g1.show_tree=0&g1.tab=table&g1.range_input=1h";
    const end = Date.UTC(2026, 9, 12, 5, 47, 12);
    expect(follow(address)).toEqual({
      path: "/explore",
      params: { expr: ["up", "go_goroutines"], from: [String(end - 5_400_000)], to: [String(end)] },
    });
  });

  it("keep a window that ends now, and an hour before a moment without one", () => {
    expect(follow("/graph?g0.expr=up&g0.tab=0&g0.stacked=0&g0.show_exemplars=0&g0.range_input=2d")?.params).toEqual({
      expr: ["up"], from: ["now-2d"], to: ["now"],
    });
    const end = Date.UTC(2021, 0, 2, 3, 4);
    expect(follow("/graph?g0.expr=up&g0.tab=1&g0.moment_input=2021-01-02%2003%3A04")?.params).toEqual({
      expr: ["up"], tab: ["table"], from: [String(end - 3_600_000)], to: [String(end)],
    });
  });

  it("survive what nobody should have written", () => {
    expect(follow("/graph")).toEqual({ path: "/explore", params: {} });
    expect(follow("/query?g1.expr=up")).toEqual({ path: "/explore", params: {} });
    expect(follow("/graph?g0.expr=up&g0.range_input=long&g0.end_input=yesterday")?.params).toEqual({ expr: ["up"] });
    expect(follow("/graph?g0.expr=%3Cscript%3Ealert(1)%3C%2Fscript%3E")?.params).toEqual({ expr: ["<script>alert(1)</script>"] });
  });

  it("open the page that holds what theirs did", () => {
    expect(follow("/rules")?.path).toBe("/alerts/rules");
    expect(follow("/rules?search=HostDown")?.path).toBe("/alerts/rules");
    expect(follow("/service-discovery")?.path).toBe("/targets");
    expect(follow("/service-discovery?pool=node")).toEqual({ path: "/targets", params: { job: ["node"] } });
    expect(follow("/targets?search=&scrapePool=node%20exporter")).toEqual({ path: "/targets", params: { job: ["node exporter"] } });
    expect(follow("/classic/graph?g0.expr=up")).toEqual({ path: "/explore", params: { expr: ["up"] } });
    expect(follow("/new/targets")?.path).toBe("/targets");
    expect(follow("/classic/alerts")?.path).toBe("/alerts");
  });

  it("are left alone where they mean the same here", () => {
    for (const address of ["/", "/alerts", "/alerts?search=x&state=firing", "/targets", "/targets?job=node", "/explore?expr=up", "/explore?expr=up#content"]) {
      expect(follow(address), address).toBeNull();
    }
  });
});

describe("links of Alertmanager", () => {
  it("open the alerts of a receiver: __alertmanagerURL of its default templates", () => {
    expect(follow("/#/alerts?receiver=team-X%2Fpager")).toEqual({ path: "/alerts", params: { receiver: ["team-X/pager"] } });
  });

  it("keep the filter of its alerts page", () => {
    expect(follow("/#/alerts?silenced=false&inhibited=false&active=true&filter=%7Balertname%3D%22HostDown%22%2C%20instance%3D~%22web-.*%3Fx%22%7D")).toEqual({
      path: "/alerts", params: { filter: ['{alertname="HostDown", instance=~"web-.*?x"}'] },
    });
    expect(follow("/#/alerts")).toEqual({ path: "/alerts", params: {} });
  });

  it("open silences: the list, one, a new one with its matchers, one to change", () => {
    expect(follow("/#/silences")).toEqual({ path: "/alerts/silences", params: {} });
    expect(follow("/#/silences?filter=%7Bjob%3D%22a%22%7D")).toEqual({ path: "/alerts/silences", params: { filter: ['{job="a"}'] } });
    expect(follow("/#/silences/new?filter=%7Balertname%3D%22Say%20%5C%22hi%5C%22%22%7D")).toEqual({
      path: "/alerts/silences/new", params: { filter: ['{alertname="Say \\"hi\\""}'] },
    });
    const id = "5b1c5f4e-0a0e-4a38-8f0b-9d1c5c0b8e11";
    expect(follow(`/#/silences/${id}`)?.path).toBe(`/alerts/silences/${id}`);
    expect(follow(`/#/silences/${id}/edit`)?.path).toBe(`/alerts/silences/${id}`);
    expect(follow(`/#/silences/edit/${id}`)?.path).toBe(`/alerts/silences/${id}`);
  });

  it("open the receivers for its status", () => {
    expect(follow("/#/status")?.path).toBe("/alerts/receivers");
  });
});

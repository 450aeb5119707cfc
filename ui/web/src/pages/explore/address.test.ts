import { describe, expect, it } from "vitest";
import { mostRows, readState, rowsKey, withState } from "./address";

const read = (query: string) => readState(new URLSearchParams(query));

describe("Explore's address", () => {
  it("holds every expression, which are off, and the tab", () => {
    const state = {
      rows: [{ expr: 'rate(x{a="b&c=d",e=~"f+"}[5m])', on: true }, { expr: "up > 0\n# \u202e🧀", on: false }, { expr: "up", on: true }],
      tab: "table" as const,
    };
    const params = withState(new URLSearchParams("expr=old&off=1&from=now-1h&to=now&kiosk=1"), state);
    expect(readState(new URLSearchParams(params.toString()))).toEqual(state);
    expect(params.get("from")).toBe("now-1h");
    expect(params.get("kiosk")).toBe("1");
    expect(params.getAll("off")).toEqual(["2"]);
  });

  it("is the graph of nothing without anything", () => {
    expect(read("")).toEqual({ rows: [], tab: "graph" });
    expect(read("expr=&expr=%20&tab=pie")).toEqual({ rows: [], tab: "graph" });
    expect(withState(new URLSearchParams(), { rows: [{ expr: " ", on: true }], tab: "graph" }).toString()).toBe("");
  });

  it("keeps what is off in its place beside empty rows", () => {
    expect(read("expr=&expr=up&off=2").rows).toEqual([{ expr: "up", on: false }]);
    const params = withState(new URLSearchParams(), { rows: [{ expr: "", on: true }, { expr: "up", on: false }], tab: "graph" });
    expect(params.toString()).toBe("expr=up&off=1");
  });

  it("is bounded", () => {
    expect(read("expr=up&".repeat(200)).rows).toHaveLength(mostRows);
  });

  it("tells whether rows ask the same", () => {
    const up = { expr: "up", on: true };
    expect(rowsKey([up, { expr: "", on: true }])).toBe(rowsKey([up]));
    expect(rowsKey([up])).not.toBe(rowsKey([{ ...up, on: false }]));
  });
});

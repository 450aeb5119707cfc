import { describe, expect, it } from "vitest";
import type { Panel } from "../../api/dashboards";
import { isKiosk, variableValues, viewedPanel, withParam, withUsualTime } from "./address";
import { panelById, placed, sections } from "./layout";

const params = (text: string) => new URLSearchParams(text);

describe("the address of a dashboard", () => {
  it.each([["viewPanel=5", 5], ["viewPanel=panel-12", 12], ["viewPanel=x", null], ["", null]])("%s shows panel %s", (text, want) => {
    expect(viewedPanel(params(text))).toBe(want);
  });

  it.each([["kiosk", true], ["kiosk=true", true], ["kiosk=tv", true], ["kiosk=false", false], ["", false]])("%s: kiosk is %s", (text, want) => {
    expect(isKiosk(params(text))).toBe(want);
  });

  it("changes one parameter and keeps the others", () => {
    expect(withParam(params("from=now-1h&viewPanel=5"), "viewPanel", null)).toBe("?from=now-1h");
    expect(withParam(params("from=now-1h"), "viewPanel", "5")).toBe("?from=now-1h&viewPanel=5");
    expect(withParam(params("viewPanel=5"), "viewPanel", null)).toBe("");
  });

  it("gets the dashboard's time where it names none", () => {
    expect(withUsualTime(params("kiosk=1"), { from: "now-6h", to: "now" })).toBe("?kiosk=1&from=now-6h&to=now");
    expect(withUsualTime(params(""), { from: "now-6h", to: "" })).toBe("?from=now-6h&to=now");
    expect(withUsualTime(params("from=now-1h"), { from: "now-6h", to: "now" })).toBeNull();
    expect(withUsualTime(params(""), { from: "now/d", to: "now" })).toBeNull();
    expect(withUsualTime(params(""), { from: "", to: "" })).toBeNull();
  });

  it("sets variables", () => {
    const dashboard = { title: "T", variables: [{ name: "a", type: "custom", value: "x" }, { name: "b", type: "custom", value: "y" }] };
    expect(variableValues(dashboard, params("var-a=1&var-a=2&var-c=3"))).toEqual({ __dashboard: "T", a: "1|2", b: "y" });
  });
});

describe("the layout", () => {
  const panel = (id: number, y: number, x = 0, view: Panel["view"] = { kind: "unknown", type: "t" }): Panel => ({
    id, title: "", description: "", gridPos: { x, y, w: 12, h: 4 }, interval: "", maxDataPoints: null, targets: [], defaults: {}, overrides: [], view,
  });
  const row = (id: number, y: number, ...panels: Panel[]) => panel(id, y, 0, { kind: "row", collapsed: panels.length > 0, panels });
  const all = [panel(3, 0, 12), panel(2, 0), row(4, 4), panel(6, 9), panel(5, 5), row(7, 13, panel(9, 20), panel(8, 14))];

  it("puts panels below their rows, in reading order", () => {
    expect(sections(all).map(({ row: one, panels }) => [one?.id ?? null, panels.map(({ id }) => id)])).toEqual([[null, [2, 3]], [4, [5, 6]], [7, [8, 9]]]);
    expect(sections([])).toEqual([]);
  });

  it("begins each section's grid at its first panel", () => {
    expect(placed(sections(all)[2]!.panels).map(({ gridPos }) => gridPos.y)).toEqual([0, 6]);
  });

  it("finds a panel in a collapsed row, and no row", () => {
    expect([panelById(all, 8)?.id, panelById(all, 4), panelById(all, 99)]).toEqual([8, null, null]);
  });
});

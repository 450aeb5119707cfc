import { describe, expect, it } from "vitest";
import { assignInk, labelKey } from "./palette";

const modes = ["user", "system", "iowait", "steal", "nice", "irq", "softirq", "idle"].map((mode) => labelKey({ mode }));

describe("labelKey", () => {
  it("does not depend on the order of labels", () => {
    expect(labelKey({ b: "2", a: "1" })).toBe(labelKey({ a: "1", b: "2" }));
  });

  it("tells apart what a careless join would not", () => {
    expect(labelKey({ a: '1","b":"2' })).not.toBe(labelKey({ a: "1", b: "2" }));
  });
});

describe("assignInk", () => {
  it("gives a lone series the same colour in every panel", () => {
    const [alone] = assignInk([modes[0]!]);
    const [again] = assignInk([modes[0]!]);
    expect(alone).toEqual(again);
  });

  it("does not depend on the order of series", () => {
    const forward = assignInk(modes);
    const backward = [...assignInk([...modes].reverse())].reverse();
    expect(backward).toEqual(forward);
  });

  it("never repeats a colour within ten series", () => {
    const ten = Array.from({ length: 10 }, (_, i) => labelKey({ i: String(i) }));
    expect(new Set(assignInk(ten).map((ink) => ink.colour)).size).toBe(10);
  });

  it("keeps solid lines up to the tenth series and dashes from the eleventh on", () => {
    const many = Array.from({ length: 25 }, (_, i) => labelKey({ i: String(i) }));
    const inks = assignInk(many);
    expect(inks.filter((ink) => ink.dash.length === 0)).toHaveLength(10);
    expect(new Set(inks.map((ink) => `${ink.colour}/${ink.dash.join()}`)).size).toBe(25);
  });

  it("gives what was asked for, and nobody else the same", () => {
    const inks = assignInk(modes, [3, null, 3, null, 1]);
    expect([inks[0]!.colour, inks[2]!.colour, inks[4]!.colour]).toEqual([3, 3, 1]);
    expect(new Set([1, 3, 5, 6, 7].map((i) => inks[i]!.colour)).size).toBe(5);
    expect(inks.filter(({ colour }) => colour === 3)).toHaveLength(2);
  });

  it("spreads first choices over all ten colours", () => {
    const first = Array.from({ length: 1000 }, (_, i) => assignInk([labelKey({ instance: `web-${i}` })])[0]!.colour);
    const counts = Array.from({ length: 10 }, (_, colour) => first.filter((one) => one === colour).length);
    expect(Math.min(...counts)).toBeGreaterThan(60);
  });
});

import { describe, expect, it } from "vitest";
import { valueAxis } from "./scale";

const plain = (labels: readonly string[]) => labels.map((label) => label.replaceAll("\u00a0", " "));

describe("valueAxis", () => {
  it("starts at zero, ends above the data, and says the unit once", () => {
    const axis = valueAxis(0.02, 0.37, { unit: "ratio" });
    expect([axis.min, axis.max]).toEqual([0, 0.4]);
    expect(plain(axis.labels)).toEqual(["0", "10", "20", "30", "40 %"]);
  });

  it("counts bytes in powers of two", () => {
    const axis = valueAxis(0, 3.1 * 2 ** 30, { unit: "bytes" });
    expect(plain(axis.labels)).toEqual(["0", "1", "2", "3", "4 GiB"]);
  });

  it("reaches at least as far as asked, so that noise does not fill it", () => {
    expect(valueAxis(0, 0.003, { unit: "ratio", atLeast: 0.2 }).max).toBeCloseTo(0.2);
  });

  it("goes no further than asked", () => {
    const axis = valueAxis(0, 30 * 2 ** 30, { unit: "bytes", atMost: 23.4 * 2 ** 30 });
    expect(axis.max).toBe(23.4 * 2 ** 30);
    expect(plain(axis.labels)).toEqual(["0", "8", "16 GiB"]);
  });

  it("takes a whole that overshoots a little for a whole", () => {
    expect(valueAxis(0, 1.07, { unit: "ratio", atMost: 1 }).max).toBe(1);
    expect(valueAxis(0, 0.3, { unit: "ratio", atMost: 1 }).max).toBeLessThan(1);
  });

  it("goes below zero where the data does", () => {
    const axis = valueAxis(-3, 5, { unit: "load" });
    expect(axis.min).toBeLessThanOrEqual(-3);
    expect(axis.labels[0]).toMatch(/^−/);
  });

  it.each([
    ["nothing at all", 0, 0],
    ["a flat line", 7, 7],
    ["a very large one", 0, 3e14],
    ["a very small one", 0, 1e-7],
  ])("draws two to five lines for %s", (_, low, high) => {
    const axis = valueAxis(low, high, { unit: "per second" });
    expect(axis.ticks.length).toBeGreaterThanOrEqual(2);
    expect(axis.ticks.length).toBeLessThanOrEqual(6);
    expect(axis.max).toBeGreaterThan(0);
  });
});

describe("an axis that fits its data", () => {
  const fit = (low: number, high: number) => valueAxis(low, high, { unit: "load", fit: true });

  it("spans what there is, with lines that can be told apart", () => {
    const axis = fit(1_732_390_000, 1_732_390_300);
    expect(axis.min).toBeLessThanOrEqual(1_732_390_000);
    expect(axis.max).toBeGreaterThanOrEqual(1_732_390_300);
    expect(axis.max - axis.min).toBeLessThan(1000);
    expect(new Set(axis.labels).size).toBe(axis.labels.length);
  });

  it("begins at zero where that costs little", () => {
    expect(fit(3, 10).min).toBe(0);
    expect(fit(-10, -1).max).toBe(0);
    expect(fit(-5, 5).ticks).toContain(0);
  });

  it("draws tiny numbers and level lines", () => {
    expect(fit(1e-7, 9e-7)).toMatchObject({ min: 0 });
    expect(fit(1e-7, 9e-7).max).toBeLessThan(2e-6);
    for (const level of [0, 1, -3, 1e9, 1e-9]) {
      const axis = fit(level, level);
      expect(axis.min).toBeLessThan(level);
      expect(axis.max).toBeGreaterThan(level);
      expect(axis.ticks.length).toBeGreaterThan(1);
      expect(axis.ticks.length).toBeLessThan(8);
    }
  });
});

import { describe, expect, it } from "vitest";
import type { Frame, Point } from "../api/types";
import { align, drawable, lastPoint, pointAt } from "./align";

const frame = (fromMs: number, stepMs: number, values: Point[], labels = {}): Frame => ({
  fromMs, stepMs, toMs: fromMs + (values.length - 1) * stepMs, series: [{ labels, values }], warnings: [], infos: [],
});

describe("align", () => {
  it("knows of nothing without frames", () => {
    expect(align([null])).toEqual({ fromMs: 0, stepMs: 1000, count: 0, lines: [] });
  });

  it("keeps equal spans as they are", () => {
    const a = frame(1000, 1000, [1, 2]);
    const aligned = align([a, frame(1000, 1000, [3, null])]);
    expect(aligned.lines[0]!.values).toBe(a.series[0]!.values);
    expect(aligned.lines.map((line) => [line.query, line.values])).toEqual([[0, [1, 2]], [1, [3, null]]]);
  });

  it("fills what one of them does not reach with gaps", () => {
    const aligned = align([frame(1000, 1000, [1, 2]), null, frame(2000, 1000, [3, 4])]);
    expect(aligned).toMatchObject({ fromMs: 1000, count: 3 });
    expect(aligned.lines.map((line) => [line.query, line.values])).toEqual([[0, [1, 2, null]], [2, [null, 3, 4]]]);
  });

  it("lays longer steps on the finest ones", () => {
    const aligned = align([frame(0, 1000, [1, 2, 3, 4, 5]), frame(0, 2000, [6, 7, 8])]);
    expect(aligned.lines[1]!.values).toEqual([6, null, 7, null, 8]);
  });
});

describe("drawable", () => {
  it.each<[string, Point, number | null]>([
    ["a number", 1.5, 1.5],
    ["zero", 0, 0],
    ["a gap", null, null],
    ["not a number", NaN, null],
    ["infinity", Infinity, null],
    ["a histogram", { count: "3", sum: "1", buckets: [] }, null],
  ])("%s", (_, point, want) => {
    expect(drawable(point)).toBe(want);
  });
});

describe("points", () => {
  it("finds the last one before a gap", () => {
    expect(lastPoint([1, 2, null, null])).toBe(2);
    expect(lastPoint([null])).toBeNull();
  });

  it("finds the one nearest to a moment", () => {
    const aligned = align([frame(10_000, 1000, [1, 2, 3])]);
    const line = aligned.lines[0]!;
    expect([9000, 10_400, 10_600, 12_000, 13_000].map((ms) => pointAt(aligned, line, ms))).toEqual([null, 1, 2, 3, null]);
  });
});

import { describe, expect, it } from "vitest";
import { defaultWindowMs, fixedRange, parseRange, rangeLength, rangeParams, zoom } from "./range";

const parse = (query: string) => parseRange(new URLSearchParams(query));

describe("parseRange", () => {
  it("reads a moving window", () => {
    expect(parse("from=now-15m&to=now")).toEqual({ kind: "live", windowMs: 900_000 });
    expect(parse("from=now-1h30m")).toEqual({ kind: "live", windowMs: 5_400_000 });
  });

  it("reads milliseconds, seconds and ISO dates", () => {
    const want = { kind: "fixed", fromMs: 1_790_000_000_000, toMs: 1_790_000_060_000 };
    expect(parse("from=1790000000000&to=1790000060000")).toEqual(want);
    expect(parse("from=1790000000&to=1790000060")).toEqual(want);
    expect(parse("from=2026-09-21T14:13:20Z&to=2026-09-21T14:14:20Z")).toEqual(want);
  });

  it.each([
    ["nothing", ""],
    ["no start", "to=now"],
    ["nonsense", "from=yesterday&to=now"],
    ["the end before the start", "from=1790000060000&to=1790000000000"],
    ["a window that ends elsewhere than now", "from=now-5m&to=1790000000000"],
    ["a script", "from=<script>&to=now"],
  ])("refuses %s", (_, query) => {
    expect(parse(query)).toBeNull();
  });

  it("keeps windows between five seconds and a year", () => {
    expect(parse("from=now-1s")).toEqual({ kind: "live", windowMs: 5000 });
    expect(parse("from=now-900w")).toEqual({ kind: "live", windowMs: 366 * 86_400_000 });
  });

  it("reads what rangeParams writes", () => {
    const ranges = [{ kind: "live", windowMs: 900_000 }, fixedRange(1_790_000_000_000, 1_790_000_060_000)] as const;
    for (const range of ranges) {
      expect(parseRange(new URLSearchParams(rangeParams(range)))).toEqual(range);
    }
  });
});

describe("fixedRange", () => {
  it("takes the two moments in any order, in whole seconds", () => {
    expect(fixedRange(1_790_000_060_400, 1_790_000_000_700)).toEqual({
      kind: "fixed", fromMs: 1_790_000_000_000, toMs: 1_790_000_061_000,
    });
  });

  it("is never shorter than five seconds", () => {
    expect(rangeLength(fixedRange(1_790_000_000_000, 1_790_000_000_100))).toBe(5000);
  });
});

describe("zoom", () => {
  it("halves around a moment", () => {
    expect(zoom({ fromMs: 0, toMs: 100_000 }, 0.5, 20_000)).toEqual({ kind: "fixed", fromMs: 10_000, toMs: 60_000 });
  });

  it("doubles around the middle", () => {
    expect(zoom({ fromMs: 100_000, toMs: 200_000 }, 2)).toEqual({ kind: "fixed", fromMs: 50_000, toMs: 250_000 });
  });
});

describe("defaultWindowMs", () => {
  it("grows with the interval", () => {
    expect([1000, 15_000, 60_000].map(defaultWindowMs)).toEqual([300_000, 900_000, 3_600_000]);
  });
});

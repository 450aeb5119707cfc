import { describe, expect, it } from "vitest";
import { freshness } from "./freshness";

const live = { kind: "live", windowMs: 300_000 } as const;
const feed = (fedMs: number, intervalMs: number) => ({ fedMs, intervalMs });

describe("freshness", () => {
  it("is an age while samples come", () => {
    expect(freshness([feed(9000, 1000)], 10_000, live, true)).toEqual({ kind: "fresh", ageMs: 1000 });
  });

  it("is stale past two intervals, not before", () => {
    expect(freshness([feed(10_000, 15_000)], 40_000, live, true).kind).toBe("fresh");
    expect(freshness([feed(10_000, 15_000)], 48_000, live, true)).toEqual({ kind: "stale", ageMs: 38_000, sinceMs: 10_000 });
  });

  it("is that of the query that is most overdue, not of the slowest one", () => {
    const feeds = [feed(40_000, 60_000), feed(90_000, 1000)];
    expect(freshness(feeds, 100_000, live, true)).toEqual({ kind: "stale", ageMs: 10_000, sinceMs: 90_000 });
  });

  it("is never stale while the interval is unknown", () => {
    expect(freshness([feed(1000, 0)], 900_000, live, true).kind).toBe("fresh");
  });

  it("is unknown before the first sample", () => {
    expect(freshness([feed(0, 1000)], 10_000, live, true)).toEqual({ kind: "unknown" });
  });

  it("is a moment while the connection is lost, and in a fixed range", () => {
    expect(freshness([feed(9000, 1000)], 99_000, live, false)).toEqual({ kind: "until", ms: 9000 });
    const fixed = { kind: "fixed", fromMs: 0, toMs: 5000 } as const;
    expect(freshness([feed(9000, 1000)], 99_000, fixed, true)).toEqual({ kind: "until", ms: 5000 });
  });

  it("is not negative when clocks disagree", () => {
    expect(freshness([feed(10_500, 1000)], 10_000, live, true)).toEqual({ kind: "fresh", ageMs: 0 });
  });
});

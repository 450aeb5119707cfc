import { describe, expect, it } from "vitest";
import { solid, tail, type Overlay } from "./tail";

const overlay = (row: (number | null)[], staleFromMs: number | null): Overlay => ({
  xs: [1000, 2000, 3000, 4000], rows: [row], staleFromMs, limits: [],
});

describe("a fresh line", () => {
  const fresh = overlay([1, 2, 3, 4], null);
  it("is solid to its end and has no tail", () => {
    expect(solid(fresh)).toEqual([[1, 2, 3, 4]]);
    expect(tail(fresh, fresh.rows[0]!, 4000)).toEqual([]);
  });
});

describe("a stale line", () => {
  it("is dashed where points are only carried on", () => {
    const stale = overlay([1, 2, 2, 2], 2400);
    expect(solid(stale)).toEqual([[1, 2, null, null]]);
    expect(tail(stale, stale.rows[0]!, 4000)).toEqual([[2000, 2], [3000, 2], [4000, 2]]);
  });

  it("goes on level to the end where there are no more points", () => {
    const stale = overlay([1, 2, null, null], 2400);
    expect(tail(stale, stale.rows[0]!, 9000)).toEqual([[2000, 2], [9000, 2]]);
  });

  it("goes on level after what is carried on", () => {
    const stale = overlay([1, 2, 3, null], 2400);
    expect(tail(stale, stale.rows[0]!, 9000)).toEqual([[2000, 2], [3000, 3], [9000, 3]]);
  });

  it("has no tail where it had ended before", () => {
    const ended = overlay([1, null, null, null], 2400);
    expect(tail(ended, ended.rows[0]!, 9000)).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import type { PointsUpdate, SnapshotUpdate } from "../api/types";
import { fromSnapshot, withPoints, type Held } from "./frame";

const snapshot: SnapshotUpdate = {
  kind: "snapshot", watch: 1, id: 1, fromMs: 1000, toMs: 4000, stepMs: 1000, fedMs: 3900, intervalMs: 1000,
  warnings: [], infos: [], lost: 0,
  series: [
    { s: 0, labels: { job: "a" }, v: [1, 2, 3, 4] },
    { s: 1, labels: { job: "b" }, v: [null, null, 7, 8] },
  ],
};
const names = new Map([[0, { job: "a" }], [1, { job: "b" }]]);
const points = (over: Partial<PointsUpdate>): PointsUpdate => ({
  kind: "points", watch: 1, fromMs: 5000, toMs: 5000, stepMs: 1000, fedMs: 4900, intervalMs: 1000, series: [], ...over,
});
const held = fromSnapshot(snapshot);
const apply = (update: PointsUpdate, windowMs = 60_000, to: Held = held) => withPoints(to, update, names, windowMs);
const values = (result: Held | null) => result?.frame.series.map((one) => one.values);

describe("points", () => {
  it("append a step", () => {
    const next = apply(points({ series: [{ s: 0, labels: null, v: [5] }, { s: 1, labels: null, v: [9] }] }));
    expect(values(next)).toEqual([[1, 2, 3, 4, 5], [null, null, 7, 8, 9]]);
    expect(next?.frame).toMatchObject({ fromMs: 1000, toMs: 5000, fedMs: 4900 });
  });

  it("leave a gap in a series that they do not mention", () => {
    const next = apply(points({ series: [{ s: 0, labels: null, v: [5] }] }));
    expect(values(next)).toEqual([[1, 2, 3, 4, 5], [null, null, 7, 8, null]]);
  });

  it("correct an older span, and only that", () => {
    const next = apply(points({ fromMs: 2000, toMs: 3000, series: [{ s: 0, labels: null, v: [20, null] }] }));
    expect(values(next)).toEqual([[1, 20, null, 4], [null, null, null, 8]]);
    expect(next?.frame.toMs).toBe(4000);
  });

  it("drop a series that has no point left", () => {
    const next = apply(points({ fromMs: 3000, toMs: 4000, series: [{ s: 0, labels: null, v: [3, 4] }] }));
    expect(next?.frame.series.map((one) => one.labels)).toEqual([{ job: "a" }]);
  });

  it("bring a dropped series back under its old number", () => {
    const without = apply(points({ fromMs: 3000, toMs: 4000, series: [{ s: 0, labels: null, v: [3, 4] }] }));
    const next = apply(points({ series: [{ s: 1, labels: null, v: [9] }] }), 60_000, without ?? held);
    expect(next?.frame.series[1]).toEqual({ labels: { job: "b" }, values: [null, null, null, null, 9] });
  });

  it("add a new series", () => {
    const next = apply(points({ series: [{ s: 2, labels: { job: "c" }, v: [1] }] }));
    expect(next?.frame.series[2]).toEqual({ labels: { job: "c" }, values: [null, null, null, null, 1] });
  });

  it("push out what is older than the window", () => {
    const next = apply(points({ fromMs: 5000, toMs: 6000, series: [{ s: 0, labels: null, v: [5, 6] }] }), 4000);
    expect(next?.frame.fromMs).toBe(3000);
    expect(values(next)).toEqual([[3, 4, 5, 6], [7, 8, null, null]]);
  });

  it("reach further back than what is held", () => {
    const next = apply(points({ fromMs: 0, toMs: 1000, series: [{ s: 0, labels: null, v: [9, 10] }] }));
    expect(values(next)).toEqual([[10, 2, 3, 4], [null, null, 7, 8]]);
    expect(next?.frame.fromMs).toBe(1000);
  });

  it.each([
    ["a hole", points({ fromMs: 6000, toMs: 6000 })],
    ["another step", points({ stepMs: 5000 })],
    ["a series nobody named", points({ series: [{ s: 9, labels: null, v: [1] }] })],
  ])("cannot be joined over %s", (_, update) => {
    expect(apply(update)).toBeNull();
  });
});

import { describe, expect, it } from "vitest";
import type { Frame } from "../../api/types";
import { readInstant } from "../../api/instant";
import { graphOutcome, readyWords, tableOutcome } from "./outcome";
import { newestOf } from "./useTable";

const frame: Frame = {
  fromMs: 1000, toMs: 3000, stepMs: 1000, warnings: ["w"], infos: [],
  series: [{ labels: { job: "a" }, values: [1, 2, 3] }, { labels: { job: "gone" }, values: [1, null, null] }],
};

describe("what has become of a query", () => {
  it("is told in words", () => {
    const graph = graphOutcome({ status: "ready", data: frame, error: null });
    expect(graph).toMatchObject({ kind: "ready", series: 2, warnings: ["w"] });
    expect(graph.kind === "ready" && readyWords(graph)).toBe("2 series, a point every 1s");
    expect(graphOutcome({ status: "loading" })).toEqual({ kind: "loading" });
    const error = { kind: "timeout" as const, message: "query timed out" };
    expect(graphOutcome({ status: "failed", error })).toEqual({ kind: "failed", error });
    expect(tableOutcome({ status: "ready", data: { series: [], text: "hi", detail: "a text", warnings: [], infos: [] }, error })).toMatchObject({ series: 1, error });
  });

  it("is, in a table, what stands at the newest step alone", () => {
    expect(newestOf(frame)).toEqual([{ labels: { job: "a" }, points: [{ ms: 3000, value: 3 }] }]);
  });
});

describe("an instant answer", () => {
  const read = (resultType: string, result: unknown) => readInstant({ status: "success", data: { resultType, result }, warnings: ["w"] }, "");

  it("is a vector, floats and histograms", () => {
    const answer = read("vector", [
      { metric: { job: "a" }, value: [1.5, "+Inf"] },
      { metric: {}, histogram: [2, { count: "3", sum: "4", buckets: [[0, "1", "2", "3"]] }] },
    ]);
    expect(answer.series).toEqual([
      { labels: { job: "a" }, points: [{ ms: 1500, value: Infinity }] },
      { labels: {}, points: [{ ms: 2000, value: { count: "3", sum: "4", buckets: [[0, "1", "2", "3"]] } }] },
    ]);
    expect(answer.warnings).toEqual(["w"]);
    expect(answer.infos).toEqual([]);
  });

  it("is the samples of a range, a number or a text", () => {
    expect(read("matrix", [{ metric: { a: "b" }, values: [[1, "1"], [2, "NaN"]] }]).series[0]?.points).toEqual([{ ms: 1000, value: 1 }, { ms: 2000, value: NaN }]);
    expect(read("scalar", [1, "42"]).series).toEqual([{ labels: {}, points: [{ ms: 1000, value: 42 }] }]);
    expect(read("string", [1, "<b>hi</b>"])).toMatchObject({ text: "<b>hi</b>", series: [] });
  });

  it("names what it was not", () => {
    expect(() => read("vector", [{ metric: {}, value: [1] }])).toThrow("data.result[0].value: want a sample");
    expect(() => read("tree", [])).toThrow("data.resultType");
  });
});

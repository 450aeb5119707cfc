import { expect, it } from "vitest";
import { readMatrix } from "./matrix";

const histogram = { count: "3", sum: "1.5", buckets: [[0, "0", "1", "3"]] };

it("lays the samples of a range query on its steps", () => {
  const frame = readMatrix(
    {
      status: "success",
      data: {
        resultType: "matrix",
        result: [
          { metric: { job: "a" }, values: [[1, "0.5"], [3.0, "NaN"], [4, "+Inf"]] },
          { metric: {}, histograms: [[2, histogram]] },
        ],
      },
      warnings: ["careful"],
    },
    1000, 4000, 1000,
  );
  expect(frame.series[0]).toEqual({ labels: { job: "a" }, values: [0.5, null, NaN, Infinity] });
  expect(frame.series[1]!.values[1]).toEqual(histogram);
  expect(frame.warnings).toEqual(["careful"]);
});

it("refuses what is no matrix", () => {
  expect(() => readMatrix({ data: { resultType: "vector", result: [] } }, 0, 0, 1000)).toThrow(/resultType: want matrix/);
});

import { expect, it } from "vitest";
import { seriesName } from "./seriesName";

it("a series is written as PromQL reads it", () => {
  expect(seriesName({ job: "node", __name__: "up", instance: 'a "b"' })).toBe('up{instance="a \\"b\\"", job="node"}');
  expect(seriesName({ __name__: "up" })).toBe("up");
  expect(seriesName({ mode: "idle" })).toBe('{mode="idle"}');
  expect(seriesName({ __name__: "http.requests", "status.code": "200" })).toBe('{"http.requests", "status.code"="200"}');
  expect(seriesName({})).toBe("");
});

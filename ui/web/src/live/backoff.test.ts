import { expect, it } from "vitest";
import { backoffMs } from "./backoff";

it("doubles from half a second to ten", () => {
  expect([0, 1, 2, 3, 4, 5, 50].map((n) => backoffMs(n, () => 1))).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
});

it("spreads over the upper half", () => {
  expect(backoffMs(2, () => 0)).toBe(1000);
  expect(backoffMs(2, () => 0.5)).toBe(1500);
});

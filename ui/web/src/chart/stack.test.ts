import { expect, it } from "vitest";
import { stack } from "./stack";

it("adds each row to those below", () => {
  expect(stack([[1, 2], [10, 20], [100, 200]])).toEqual([[1, 2], [11, 22], [111, 222]]);
});

it("keeps gaps, which lift nothing", () => {
  expect(stack([[1, null], [10, 20], [null, 200]])).toEqual([[1, null], [11, 20], [null, 220]]);
});

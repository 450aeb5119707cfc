import { describe, expect, it } from "vitest";
import { autoStep, floorToStep, rateWindowMs, snapStep, stepLadder } from "./step";

describe("snapStep", () => {
  it.each([
    ["below a second is a second", 1, 1000],
    ["a step of the ladder stays", 15_000, 15_000],
    ["between two steps goes up", 16_000, 30_000],
    ["three minutes become five", 180_000, 300_000],
    ["beyond a day counts whole days", 86_400_001, 172_800_000],
  ])("%s", (_, ms, want) => {
    expect(snapStep(ms)).toBe(want);
  });

  it("rises strictly", () => {
    for (let i = 1; i < stepLadder.length; i++) {
      expect(stepLadder[i]!).toBeGreaterThan(stepLadder[i - 1]!);
    }
  });
});

describe("autoStep", () => {
  it.each([
    ["a short window keeps one second", 300_000, 600, 1000],
    ["six hours on a wide panel", 21_600_000, 1500, 15_000],
    ["no width at all", 300_000, 0, 300_000],
  ])("%s", (_, range, points, want) => {
    expect(autoStep(range, points)).toBe(want);
  });
});

describe("floorToStep", () => {
  it("keeps a step and floors what lies between", () => {
    expect(floorToStep(10_000, 5000)).toBe(10_000);
    expect(floorToStep(14_999, 5000)).toBe(10_000);
  });
});

describe("rateWindowMs", () => {
  it.each([
    ["one second scrapes are smoothed over ten", 1000, 1000, 10_000],
    ["a minute between scrapes needs four minutes", 60_000, 15_000, 240_000],
    ["a long step is covered whole", 1000, 300_000, 300_000],
  ])("%s", (_, interval, step, want) => {
    expect(rateWindowMs(interval, step)).toBe(want);
  });
});

import { describe, expect, it } from "vitest";
import { ago, parseDuration, promDuration, spokenDuration } from "./duration";

describe("promDuration", () => {
  it.each([
    [0, "0s"],
    [900, "900ms"],
    [10_000, "10s"],
    [90_000, "1m30s"],
    [86_400_000, "1d"],
  ])("%d ms", (ms, want) => {
    expect(promDuration(ms)).toBe(want);
  });
});

describe("parseDuration", () => {
  it.each([
    ["15m", 900_000],
    ["1h30m", 5_400_000],
    ["250ms", 250],
    ["1w", 604_800_000],
    ["0s", null],
    ["15", null],
    ["m", null],
    ["", null],
    ["-5m", null],
  ])("%s", (text, want) => {
    expect(parseDuration(text)).toBe(want);
  });

  it("reads what promDuration writes", () => {
    for (const ms of [1000, 61_000, 3_723_000, 90_061_000]) {
      expect(parseDuration(promDuration(ms))).toBe(ms);
    }
  });
});

describe("spokenDuration", () => {
  it.each([
    [-500, "0 s"],
    [999, "0 s"],
    [38_000, "38 s"],
    [59_999, "59 s"],
    [960_000, "16 min"],
    [5_400_000, "1 h 30 min"],
    [7_200_000, "2 h"],
    [30 * 3_600_000, "30 h"],
    [3 * 86_400_000, "3 d"],
  ])("%d ms", (ms, want) => {
    expect(spokenDuration(ms)).toBe(want);
  });

  it("is an age with ago", () => {
    expect(ago(2000)).toBe("2 s ago");
  });
});

import { describe, expect, it } from "vitest";
import { counted, formatCount, formatParts, formatValue, scaleFor, threeDigits, type Unit } from "./format";

const plain = (text: string) => text.replaceAll("\u00a0", " ").replaceAll("\u202f", " ");

describe("formatValue", () => {
  it.each<[number | null, Unit, string]>([
    [0.4, "ratio", "40 %"],
    [0.0123, "ratio", "1.23 %"],
    [1, "ratio", "100 %"],
    [0, "bytes", "0 B"],
    [1023, "bytes", "1023 B"],
    [1024, "bytes", "1 KiB"],
    [8_321_499_136, "bytes", "7.75 GiB"],
    [1_258_291, "bytes/s", "1.2 MiB/s"],
    [0.0125, "seconds", "12.5 ms"],
    [0.000_25, "seconds", "250 µs"],
    [90, "seconds", "1.5 min"],
    [12_345, "count", "12.3 k"],
    [999.6, "count", "1 k"],
    [3, "count", "3"],
    [0.07, "load", "0.07"],
    [-0.5, "load", "−0.5"],
    [1500, "per second", "1.5 k/s"],
    [null, "bytes", "–"],
    [NaN, "ratio", "NaN"],
    [Infinity, "seconds", "+Inf"],
    [-Infinity, "seconds", "−Inf"],
  ])("%d in %s", (value, unit, want) => {
    expect(plain(formatValue(value, unit))).toBe(want);
  });

  it("keeps a scale that the panel has chosen", () => {
    const scale = scaleFor("bytes", 2 ** 31);
    expect(plain(formatValue(2 ** 20 * 100, "bytes", scale))).toBe("0.0977 GiB");
  });
});

describe("formatParts", () => {
  it("keeps number and unit apart", () => {
    expect(formatParts(0.4, "ratio")).toEqual({ number: "40", suffix: "%" });
  });
});

describe("threeDigits", () => {
  it.each([
    [0, "0"],
    [0.000_123_4, "0.000123"],
    [99.96, "100"],
    [1234.5, "1235"],
    [-12.345, "-12.3"],
  ])("%d", (n, want) => {
    expect(threeDigits(n)).toBe(want);
  });
});

describe("counts", () => {
  it("groups digits", () => {
    expect([7, 1000, 1_234_567].map((n) => plain(formatCount(n)))).toEqual(["7", "1 000", "1 234 567"]);
  });

  it("takes the right noun", () => {
    expect([counted(1, "target"), counted(14, "target"), counted(2, "entry", "entries")]).toEqual([
      "1 target", "14 targets", "2 entries",
    ]);
  });
});

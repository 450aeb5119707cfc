import { describe, expect, it } from "vitest";
import { formatValue } from "./format";
import { unitOf } from "./grafana";

const written = (value: number, id: string | undefined, decimals?: number) =>
  formatValue(value, unitOf(id), undefined, decimals).replaceAll("\u00a0", " ");

describe("a value in a unit of Grafana's", () => {
  it.each<[number, string | undefined, string]>([
    [12_345, "none", "12345"],
    [12_345, "short", "12.3 k"],
    [12_345, undefined, "12.3 k"],
    [42, "percent", "42 %"],
    [0.42, "percentunit", "42 %"],
    [1536, "bytes", "1.5 KiB"],
    [1500, "decbytes", "1.5 kB"],
    [3, "mbytes", "3 MiB"],
    [1_500_000, "bps", "1.5 Mbit/s"],
    [2048, "binBps", "2 KiB/s"],
    [1500, "Bps", "1.5 kB/s"],
    [0.25, "s", "250 ms"],
    [250, "ms", "250 ms"],
    [90_000, "ms", "1.5 min"],
    [36, "h", "1.5 d"],
    [273_906, "dtdurations", "3 d 4 h"],
    [7, "dtdurations", "7 s"],
    [59.6, "dtdurations", "59.6 s"],
    [725, "dtdurations", "12 min 5 s"],
    [86_400, "dtdurations", "1 d"],
    [1234, "reqps", "1.23 k req/s"],
    [3, "ops", "3 ops/s"],
    [4, "cps", "4 /s"],
    [2000, "currencyUSD", "$2 k"],
    [-3.5, "currencyUSD", "−$3.5"],
    [12, "currencyEUR", "€12"],
    [2500, "hertz", "2.5 kHz"],
    [21.34, "celsius", "21.3 °C"],
    [7, "suffix:apples", "7 apples"],
    [7, "prefix:#", "#7"],
    [0.002, "si:A", "2 mA"],
    [9, "widgets", "9 widgets"],
  ])("%d in %s", (value, id, want) => {
    expect(written(value, id)).toBe(want);
  });

  it("has as many decimals as asked", () => {
    expect(written(12.3456, "none", 2)).toBe("12.35");
    expect(written(1536, "bytes", 0)).toBe("2 KiB");
    expect(written(0.4, "percentunit", 1)).toBe("40.0 %");
  });

  it("writes moments as such", () => {
    expect(written(Date.UTC(2026, 9, 12, 12), "dateTimeAsIso")).toMatch(/^12 Oct 2026, \d\d:00:00$/);
  });
});

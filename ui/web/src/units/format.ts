/** What a number counts. A ratio of 1 is 100 %. */
export type Unit = "ratio" | "bytes" | "bytes/s" | "seconds" | "count" | "per second" | "load";

const space = "\u00a0";
const missing = "–";

const binary: readonly (readonly [number, string])[] = [
  [2 ** 50, "PiB"], [2 ** 40, "TiB"], [2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"], [1, "B"],
];
const decimal: readonly (readonly [number, string])[] = [
  [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""],
];
const spans: readonly (readonly [number, string])[] = [
  [86_400, "d"], [3600, "h"], [60, "min"], [1, "s"], [1e-3, "ms"], [1e-6, "µs"],
];

/** How one axis or one number is scaled: value / divisor, followed by suffix. */
export interface Scale {
  divisor: number;
  suffix: string;
}

function pick(table: readonly (readonly [number, string])[], magnitude: number): readonly [number, string] {
  const last = table[table.length - 1] ?? [1, ""];
  const unscaled = table.find(([size]) => size === 1) ?? last;
  if (magnitude === 0) return unscaled;
  // 999.6 would be written as 1000: the next larger unit takes it.
  return table.find(([size]) => magnitude >= size * 0.9995) ?? last;
}

/** The scale in which the largest magnitude of a panel reads best, so that all its numbers share it. */
export function scaleFor(unit: Unit, magnitude: number): Scale {
  const size = Math.abs(magnitude);
  switch (unit) {
    case "ratio":
      return { divisor: 0.01, suffix: "%" };
    case "bytes":
    case "bytes/s": {
      const [divisor, name] = pick(binary, size);
      return { divisor, suffix: unit === "bytes" ? name : `${name}/s` };
    }
    case "seconds": {
      const [divisor, suffix] = pick(spans, size);
      return { divisor, suffix };
    }
    case "count":
    case "load": {
      const [divisor, suffix] = pick(decimal, size);
      return { divisor, suffix };
    }
    case "per second": {
      const [divisor, suffix] = pick(decimal, size);
      return { divisor, suffix: `${suffix}/s` };
    }
    default:
      return unit satisfies never;
  }
}

/** n with three significant digits and no exponent: 0.0123, 1.5, 12.3, 123, 1234. */
export function threeDigits(n: number): string {
  if (n === 0) return "0";
  const size = Math.abs(n);
  if (size >= 99.95) return Math.round(n).toString();
  if (size < 0.000_01) return n.toExponential(1);
  const text = Number(n.toPrecision(3));
  return Math.abs(text) < 1e-6 ? text.toFixed(8).replace(/0+$/, "") : text.toString();
}

/** The number and its unit apart, for where they are set in different sizes. */
export function formatParts(value: number | null | undefined, unit: Unit, scale?: Scale): { number: string; suffix: string } {
  if (value === null || value === undefined) return { number: missing, suffix: "" };
  if (Number.isNaN(value)) return { number: "NaN", suffix: "" };
  if (!Number.isFinite(value)) return { number: value > 0 ? "+Inf" : "−Inf", suffix: "" };
  const { divisor, suffix } = scale ?? scaleFor(unit, value);
  return { number: threeDigits(value / divisor).replace("-", "−"), suffix };
}

/** value in unit, three significant digits, unit always; "–" where there is none. */
export function formatValue(value: number | null | undefined, unit: Unit, scale?: Scale): string {
  const { number, suffix } = formatParts(value, unit, scale);
  return suffix === "" ? number : `${number}${space}${suffix}`;
}

/** A whole number with a thin gap every three digits: 12 345. */
export function formatCount(n: number): string {
  return n.toString().replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** "1 target", "14 targets". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${formatCount(n)} ${n === 1 ? one : many}`;
}

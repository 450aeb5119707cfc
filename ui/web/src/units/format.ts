/** Units with a name of their own. A ratio of 1 is 100 %, percent of 100 as well; seconds may be counted in others. */
export type NamedUnit =
  | "ratio" | "percent"
  | "bytes" | "bytes/s" | "decimal bytes" | "decimal bytes/s" | "bits" | "bits/s"
  | "nanoseconds" | "microseconds" | "milliseconds" | "seconds" | "minutes" | "hours" | "days"
  | "duration" | "timestamp"
  | "count" | "per second" | "load" | "plain";

/**
 * What a number counts: a named unit, a count of things ("count:req/s": 12.3 k req/s), a physical unit ("si:W":
 * 12.3 kW), a currency before the number ("currency:$"), a word behind it that is never scaled ("suffix:rpm"), or a
 * named unit of which each counts for several ("times:1e6:bits/s").
 */
export type Unit =
  | NamedUnit | `count:${string}` | `si:${string}` | `currency:${string}` | `suffix:${string}` | `times:${number}:${NamedUnit}`;

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

const metric: readonly (readonly [number, string])[] = [...decimal, [1e-3, "m"], [1e-6, "µ"], [1e-9, "n"]];

/** How one axis or one number is scaled: prefix, value / divisor, suffix. */
export interface Scale {
  divisor: number;
  suffix: string;
  prefix?: string;
}

function pick(table: readonly (readonly [number, string])[], magnitude: number): readonly [number, string] {
  const last = table[table.length - 1] ?? [1, ""];
  const unscaled = table.find(([size]) => size === 1) ?? last;
  if (magnitude === 0) return unscaled;
  // 999.6 would be written as 1000: the next larger unit takes it.
  return table.find(([size]) => magnitude >= size * 0.9995) ?? last;
}

type Scaling = (size: number) => Scale;

const fixed = (divisor: number, suffix: string): Scaling => () => ({ divisor, suffix });

function by(table: readonly (readonly [number, string])[], name = ""): Scaling {
  return (size) => {
    const [divisor, prefix] = pick(table, size);
    return { divisor, suffix: prefix + name };
  };
}

/** Time counted in units of so many seconds each, written in the one that reads best. */
function time(unitSeconds: number): Scaling {
  return (size) => {
    const [seconds, suffix] = pick(spans, size * unitSeconds);
    return { divisor: seconds / unitSeconds, suffix };
  };
}

const scalings: Readonly<Record<NamedUnit, Scaling>> = {
  ratio: fixed(0.01, "%"),
  percent: fixed(1, "%"),
  bytes: by(binary),
  "bytes/s": by(binary, "/s"),
  "decimal bytes": by(decimal, "B"),
  "decimal bytes/s": by(decimal, "B/s"),
  bits: by(decimal, "bit"),
  "bits/s": by(decimal, "bit/s"),
  nanoseconds: time(1e-9),
  microseconds: time(1e-6),
  milliseconds: time(1e-3),
  seconds: time(1),
  minutes: time(60),
  hours: time(3600),
  days: time(86_400),
  duration: time(1),
  timestamp: fixed(1, ""),
  count: by(decimal),
  "per second": by(decimal, "/s"),
  load: by(decimal),
  plain: fixed(1, ""),
};

function isNamed(unit: string): unit is NamedUnit {
  return Object.hasOwn(scalings, unit);
}

/** The named unit of which unit is a multiple, and how many one counts for. */
function multiple(unit: string): readonly [NamedUnit, number] | null {
  const [, factor = "", name = ""] = /^times:([^:]+):(.+)$/.exec(unit) ?? [];
  return isNamed(name) ? [name, Number(factor)] : null;
}

/** Whether unit is counted in powers of two. */
export function isBinary(unit: Unit): boolean {
  return /^(times:[^:]+:)?bytes(\/s)?$/.test(unit);
}

/** The scale in which the largest magnitude of a panel reads best, so that all its numbers share it. */
export function scaleFor(unit: Unit, magnitude: number): Scale {
  const size = Math.abs(magnitude);
  if (isNamed(unit)) return scalings[unit](size);
  const [base, factor] = multiple(unit) ?? ["plain", 1];
  if (unit.startsWith("times:")) {
    const scale = scalings[base](size * factor);
    return { ...scale, divisor: scale.divisor / factor };
  }
  const name = unit.slice(unit.indexOf(":") + 1);
  if (unit.startsWith("suffix:")) return { divisor: 1, suffix: name };
  if (unit.startsWith("si:")) return by(metric, name)(size);
  const [divisor, prefix] = pick(decimal, size);
  if (unit.startsWith("currency:")) return { divisor, suffix: prefix, prefix: name };
  return { divisor, suffix: prefix === "" ? name : `${prefix} ${name}` };
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

/** A length of time in its two largest units: 3 d 4 h, 12 min 5 s. */
function spelledDuration(seconds: number): string {
  const parts: string[] = [];
  let rest = Math.abs(seconds) < 1 ? 0 : Math.floor(Math.abs(seconds));
  for (const [size, name] of [[31_536_000, "y"], [86_400, "d"], [3600, "h"], [60, "min"], [1, "s"]] as const) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || (name === "s" && parts.length === 0)) parts.push(`${count}${space}${name}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return (seconds < 0 ? "−" : "") + parts.join(" ");
}

const moments = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

/** The number and its unit apart, for where they are set in different sizes. decimals: so many, whatever the size. */
export function formatParts(value: number | null | undefined, unit: Unit, scale?: Scale, decimals?: number): { number: string; suffix: string } {
  if (value === null || value === undefined) return { number: missing, suffix: "" };
  if (Number.isNaN(value)) return { number: "NaN", suffix: "" };
  if (!Number.isFinite(value)) return { number: value > 0 ? "+Inf" : "−Inf", suffix: "" };
  if (unit === "duration" && Math.abs(value) >= 60) return { number: spelledDuration(value), suffix: "" };
  if (unit === "timestamp" && Math.abs(value) < 8.64e15) return { number: moments.format(value), suffix: "" };
  const { divisor, suffix, prefix = "" } = scale ?? scaleFor(unit, value);
  const scaled = value / divisor;
  const digits = decimals === undefined ? threeDigits(scaled) : scaled.toFixed(Math.min(20, Math.max(0, Math.round(decimals))));
  return { number: digits.replace(/^(-?)/, `$1${prefix.replace("$", "$$$$")}`).replace("-", "−"), suffix };
}

/** value in unit, three significant digits unless decimals says how many, unit always; "–" where there is none. */
export function formatValue(value: number | null | undefined, unit: Unit, scale?: Scale, decimals?: number): string {
  const { number, suffix } = formatParts(value, unit, scale, decimals);
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

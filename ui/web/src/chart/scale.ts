import { isBinary, scaleFor, threeDigits, type Scale, type Unit } from "../units/format";

/** The span of a value axis and its lines. */
export interface ValueAxis {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
  readonly labels: readonly string[];
  readonly scale: Scale;
}

export interface AxisOptions {
  readonly unit: Unit;
  /** The axis reaches at least this far. */
  readonly atLeast?: number | undefined;
  /** The axis goes no further than this, whatever the data: shares of a whole overshoot it by jitter. */
  readonly atMost?: number | undefined;
  /** The axis reaches at least this far down. */
  readonly downTo?: number | undefined;
  /** Where the axis begins and ends, whatever the data. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** The axis spans the data and need not begin at zero: for what nobody has described. */
  readonly fit?: boolean | undefined;
}

/** Lengths between two lines that read well, in the unit's own counting. */
function interval(span: number, unit: Unit, lines: number): number {
  const raw = span / lines;
  if (isBinary(unit)) return 2 ** Math.ceil(Math.log2(raw));
  const power = 10 ** Math.floor(Math.log10(raw));
  const lead = [1, 2, 2.5, 5, 10].find((n) => n * power >= raw * (1 - 1e-9)) ?? 10;
  return lead * power;
}

/** The least that an axis spans, so that noise around zero does not fill it. */
function smallestSpan(unit: Unit): number {
  if (isBinary(unit)) return 1024;
  return unit === "count" ? 4 : 1e-3;
}

/** The axis that spans low to high closely; from zero where that costs little. */
function fittedAxis(low: number, high: number, unit: Unit): ValueAxis {
  const from = low > 0 && high - low > 0.5 * high ? 0 : low;
  const to = high < 0 && high - low > -0.5 * low ? 0 : high;
  // A level line stands in the middle of something.
  const flat = to - from <= Math.max(Math.abs(to), Math.abs(from)) * 1e-9;
  const room = flat ? Math.abs(to) / 10 || 1 : 0;
  const step = interval(to - from + 2 * room, unit, 4);
  const first = Math.floor((from - room) / step + 1e-9);
  const last = Math.ceil((to + room) / step - 1e-9) + 0; // never -0
  const scale = scaleFor(unit, Math.max(Math.abs(first), Math.abs(last)) * step);
  // As many digits as tell two neighbouring lines apart.
  const digits = Math.min(12, Math.max(0, Math.ceil(-Math.log10(step / scale.divisor) + 0.31)));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  const labels = ticks.map((tick, i) => {
    const number = (scale.prefix ?? "") + String(Number((tick / scale.divisor).toFixed(digits))).replace("-", "−");
    return i === ticks.length - 1 && scale.suffix !== "" ? `${number}\u00a0${scale.suffix}` : number;
  });
  return { min: first * step, max: last * step, ticks, labels, scale };
}

/** The axis for data between low and high: from 0 (or below it) up, at most five lines, the unit said once. */
export function valueAxis(low: number, high: number, options: AxisOptions): ValueAxis {
  const { unit, atMost = Infinity } = options;
  if (options.fit === true) return fittedAxis(low, high, unit);
  const bottom = options.min ?? Math.min(low, options.downTo ?? 0);
  const reach = options.max ?? Math.min(atMost, Math.max(high, options.atLeast ?? 0, bottom < 0 ? 0 : bottom + smallestSpan(unit)));
  const span = reach - Math.min(options.min ?? 0, bottom);
  const step = interval(span > 0 ? span : 1, unit, 4);
  const min = options.min ?? (bottom < 0 ? Math.floor(bottom / step) * step : 0);
  const max = Math.max(options.max ?? Math.min(atMost, Math.ceil((reach - 1e-9 * step) / step) * step), min + (span > 0 ? 0 : step));
  const scale = scaleFor(unit, Math.max(Math.abs(min), Math.abs(max)));

  const ticks: number[] = [];
  const first = Math.ceil(min / step - 1e-9) * step;
  for (let i = 0; first + i * step <= max + step * 1e-9; i++) ticks.push(first + i * step);
  const labels = ticks.map((tick, i) => {
    const number = (scale.prefix ?? "") + threeDigits(Number((tick / scale.divisor).toPrecision(12))).replace("-", "−");
    return i === ticks.length - 1 && scale.suffix !== "" ? `${number}\u00a0${scale.suffix}` : number;
  });
  return { min, max, ticks, labels, scale };
}

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

/** The axis for data between low and high: from 0 (or below it) up, at most five lines, the unit said once. */
export function valueAxis(low: number, high: number, options: AxisOptions): ValueAxis {
  const { unit, atMost = Infinity } = options;
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

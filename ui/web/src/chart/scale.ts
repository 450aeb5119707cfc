import { scaleFor, threeDigits, type Scale, type Unit } from "../units/format";

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
}

/** Lengths between two lines that read well, in the unit's own counting. */
function interval(span: number, unit: Unit, lines: number): number {
  const raw = span / lines;
  if (unit === "bytes" || unit === "bytes/s") return 2 ** Math.ceil(Math.log2(raw));
  const power = 10 ** Math.floor(Math.log10(raw));
  const lead = [1, 2, 2.5, 5, 10].find((n) => n * power >= raw * (1 - 1e-9)) ?? 10;
  return lead * power;
}

/** The axis for data between low and high: from 0 (or below it) up, at most five lines, the unit said once. */
export function valueAxis(low: number, high: number, options: AxisOptions): ValueAxis {
  const { unit, atMost = Infinity } = options;
  const smallest = unit === "bytes" || unit === "bytes/s" ? 1024 : unit === "count" ? 4 : 1e-3;
  const reach = Math.min(atMost, Math.max(high, options.atLeast ?? 0, low < 0 ? 0 : smallest));
  const step = interval(reach - Math.min(0, low), unit, 4);
  const min = low < 0 ? Math.floor(low / step) * step : 0;
  const max = Math.min(atMost, Math.ceil((reach - 1e-9 * step) / step) * step);
  const scale = scaleFor(unit, Math.max(Math.abs(min), max));

  const ticks: number[] = [];
  for (let i = 0; min + i * step <= max + step * 1e-9; i++) ticks.push(min + i * step);
  const labels = ticks.map((tick, i) => {
    const number = threeDigits(Number((tick / scale.divisor).toPrecision(12))).replace("-", "−");
    return i === ticks.length - 1 && scale.suffix !== "" ? `${number}\u00a0${scale.suffix}` : number;
  });
  return { min, max, ticks, labels, scale };
}

import css from "./Sparkline.module.css";

export interface SparklineProps {
  readonly values: readonly (number | null)[];
  readonly max: number;
  /** Where the page points, as a share of the width; null when it does not. */
  readonly at: number | null;
  readonly stale: boolean;
  /** What the bottom means; 0 without it. */
  readonly min?: number;
  /** As high as its place. */
  readonly fill?: boolean;
}

const width = 200;
const height = 40;

/** The lines of a row of values; a gap begins a new one. */
function paths(values: readonly (number | null)[], min: number, max: number): { line: string; area: string }[] {
  const runs: [number, number][][] = [[]];
  for (const [i, value] of values.entries()) {
    if (value === null) {
      runs.push([]);
      continue;
    }
    const x = (i / Math.max(1, values.length - 1)) * width;
    runs.at(-1)?.push([x, height - 1 - (Math.max(0, value - min) / (max - min)) * (height - 3)]);
  }
  return runs
    .filter((run) => run.length > 0)
    .map((run) => {
      const line = `M${run.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L")}`;
      const area = `${line}V${height}H${(run[0]?.[0] ?? 0).toFixed(1)}Z`;
      return { line, area };
    });
}

/** The course of a number, without axes; the panel around it says what and how much. */
export function Sparkline({ values, max, at, stale, min = 0, fill = false }: SparklineProps) {
  return (
    <svg className={fill ? `${css.spark ?? ""} ${css.fill ?? ""}` : css.spark} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      {paths(values, min, max > min ? max : min + 1).map(({ line, area }) => (
        <g key={line.slice(0, 12)}>
          <path className={css.area} d={area} />
          <path className={stale ? css.stale : css.line} d={line} vectorEffect="non-scaling-stroke" />
        </g>
      ))}
      {at !== null && at >= 0 && at <= 1 && (
        <line className={css.at} x1={at * width} x2={at * width} y1={0} y2={height} vectorEffect="non-scaling-stroke" />
      )}
    </svg>
  );
}

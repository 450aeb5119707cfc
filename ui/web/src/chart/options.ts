import uPlot from "uplot";
import type { Tokens } from "../theme/tokens";
import { localClock } from "../time/clock";
import type { Ink } from "./palette";
import type { ValueAxis } from "./scale";
import { overlayPlugin, type Overlay } from "./tail";

/** What a drawn chart asks for each time it draws; the numbers change, the chart stays. */
export interface Drawing {
  axis: ValueAxis;
  overlay: Overlay;
}

/** How one series is drawn, where it is not a thin line. */
export interface Look {
  readonly style?: "line" | "bars" | "points" | undefined;
  /** Percent below the line; without it, a light one for a lone or stacked series. */
  readonly fill?: number | undefined;
  readonly width?: number | undefined;
}

export interface ChartHooks {
  zoom: (fromMs: number, toMs: number) => void;
  reset: () => void;
  point: (ms: number | null) => void;
}

const valueAxisWidth = 62;
const rightPadding = 8;

/** How far from the right end of the plot a moment stands, in pixels. */
function leftOf(u: uPlot, ms: number): number {
  const { min = 0, max = 1 } = u.scales.x ?? {};
  return ((max - ms) / (max - min)) * (u.width - valueAxisWidth - rightPadding);
}

const font = '11px "Inter Variable", sans-serif';

function withAlpha(hex: string, percent: number): string {
  return hex + Math.round(percent * 2.55).toString(16).padStart(2, "0");
}

/** Time at the lines of the x axis: to the second only where lines are closer than a minute. */
function timeLabels(splits: readonly number[], increment: number): string[] {
  const now = splits[splits.length - 1] ?? 0;
  return splits.map((ms) => {
    if (increment < 60_000) return localClock.exact(ms, ms);
    return increment < 86_400_000 ? localClock.short(ms, ms) : localClock.short(ms, now + 86_400_000 * 2).replace(/ \d\d:\d\d$/, "");
  });
}

/** uPlot's options for lines in these inks; everything that changes with the data is asked of drawing. */
export function chartOptions(
  inks: readonly Ink[], looks: readonly Look[], stacked: boolean, scheme: Tokens, size: { width: number; height: number },
  drawing: () => Drawing, hooks: ChartHooks,
): uPlot.Options {
  const colours = inks.map((ink) => scheme.series[ink.colour] ?? scheme.text);
  const usual = stacked || inks.length === 1 ? 12 : 0;
  const fill = (i: number) => {
    const { style = "line", fill: asked } = looks[i] ?? {};
    return style === "bars" ? Math.min(100, Math.max(40, asked ?? 60)) : Math.min(60, asked ?? usual);
  };
  const bars = uPlot.paths.bars?.({ size: [0.8, 24], align: 0 });
  const spaceX = Math.max(52, (size.width - valueAxisWidth - rightPadding) / 6);
  return {
    ...size,
    ms: 1,
    padding: [10, rightPadding, 0, 0],
    legend: { show: false },
    plugins: [overlayPlugin(() => drawing().overlay, colours, scheme)],
    scales: {
      x: { time: true, auto: false },
      y: { auto: false, range: () => [drawing().axis.min, drawing().axis.max] },
    },
    axes: [
      {
        stroke: scheme.dim, font, size: 26, gap: 6, space: spaceX,
        grid: { stroke: scheme.grid, width: 1 },
        ticks: { show: false },
        // A label that would stick out at the right is left away; its line stays.
        values: (u, splits, _, __, increment) =>
          timeLabels(splits, increment).map((label, i) => (leftOf(u, splits[i] ?? 0) < label.length * 3 - rightPadding ? "" : label)),
      },
      {
        stroke: scheme.dim, font, size: valueAxisWidth, gap: 8,
        grid: { stroke: scheme.grid, width: 1 },
        ticks: { show: false },
        splits: () => [...drawing().axis.ticks],
        values: () => [...drawing().axis.labels],
      },
    ],
    series: [
      {},
      ...inks.map<uPlot.Series>((ink, i) => {
        const { style = "line", width = 1.5 } = looks[i] ?? {};
        const colour = colours[i] ?? scheme.text;
        const alpha = fill(i);
        return {
          stroke: style === "points" ? "transparent" : colour,
          width: style === "bars" ? 0 : width,
          dash: [...ink.dash],
          spanGaps: false,
          ...(style === "bars" && bars !== undefined ? { paths: bars } : {}),
          points: pointsOf(style, colour),
          ...(alpha > 0 && style !== "points" && (!stacked || i === 0) ? { fill: withAlpha(colour, alpha) } : {}),
        };
      }),
    ],
    bands: stacked
      ? inks.slice(1).map((_, i) => ({ series: [i + 2, i + 1], fill: withAlpha(colours[i + 1] ?? scheme.text, fill(i + 1)) }))
      : [],
    cursor: {
      y: false,
      points: { size: 9, width: 2, stroke: scheme.surface, fill: (_, i) => colours[i - 1] ?? scheme.text },
      drag: { x: true, y: false, setScale: false, dist: 6 },
      bind: {
        dblclick: () => () => {
          hooks.reset();
          return null;
        },
      },
    },
    hooks: {
      setSelect: [
        (u) => {
          const { left, width } = u.select;
          if (width <= 0) return;
          hooks.zoom(u.posToVal(left, "x"), u.posToVal(left + width, "x"));
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      setCursor: [
        (u) => {
          const i = u.cursor.idx;
          hooks.point(i === null || i === undefined ? null : (u.data[0][i] ?? null));
        },
      ],
    },
  };
}

function pointsOf(style: NonNullable<Look["style"]>, fill: string): uPlot.Series.Points {
  switch (style) {
    case "line":
      return { show: false, filter: lonePoints, size: 4, fill };
    case "bars":
      return { show: false };
    case "points":
      return { show: true, size: 4, width: 0, fill, stroke: fill };
    default:
      return style satisfies never;
  }
}

/** A point between two gaps has no line; it is drawn as a dot. */
const lonePoints: uPlot.Series.Points.Filter = (u, seriesIdx) => {
  const values = u.data[seriesIdx] ?? [];
  const lone: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const before = values[i - 1] ?? null;
    const after = values[i + 1] ?? null;
    if ((values[i] ?? null) !== null && before === null && after === null) lone.push(i);
  }
  return lone;
};

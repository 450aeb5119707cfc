import type uPlot from "uplot";
import type { Tokens } from "../theme/tokens";

/** A level worth knowing, with its name at the edge. */
export interface Limit {
  readonly value: number;
  readonly label: string;
  /** How bad it is from here on; without it, just a level. */
  readonly tone?: "critical" | "warning" | "info" | "healthy";
}

/** What is drawn over the lines of a chart. */
export interface Overlay {
  /** Steps and heights as they would be drawn, one row per series. */
  readonly xs: readonly number[];
  readonly rows: readonly (readonly (number | null)[])[];
  /** From here on nothing is fresh: lines go on dashed. null: all is fresh. */
  readonly staleFromMs: number | null;
  readonly limits: readonly Limit[];
}

/** rows as they are drawn solid: nothing after the moment from which they are stale. */
export function solid(overlay: Overlay): (number | null)[][] {
  const { xs, rows, staleFromMs } = overlay;
  if (staleFromMs === null) return rows.map((row) => [...row]);
  return rows.map((row) => row.map((value, i) => ((xs[i] ?? 0) <= staleFromMs ? value : null)));
}

/**
 * The dashed end of one row: from its last fresh point over those that are only carried on, then level to the end of
 * the chart. Empty where the row ended in a gap before.
 */
export function tail(overlay: Overlay, row: readonly (number | null)[], endMs: number): [number, number][] {
  const { xs, staleFromMs } = overlay;
  if (staleFromMs === null) return [];
  const end = xs.findLastIndex((x) => x <= staleFromMs);
  const start = row[end];
  const startMs = xs[end];
  if (start === null || start === undefined || startMs === undefined) return [];
  const points: [number, number][] = [[startMs, start]];
  for (let i = end + 1; i < row.length; i++) {
    const value = row[i];
    const x = xs[i];
    if (value === null || value === undefined || x === undefined) break;
    points.push([x, value]);
  }
  const [lastMs, last] = points.at(-1) ?? [startMs, start];
  if (endMs > lastMs) points.push([endMs, last]);
  return points.length > 1 ? points : [];
}

/** Draws tails and limits. overlay is asked for at each drawing. */
export function overlayPlugin(overlay: () => Overlay, colours: readonly string[], scheme: Tokens): uPlot.Plugin {
  const text = scheme.dim;
  const draw = (u: uPlot) => {
    const now = overlay();
    const { ctx, bbox } = u;
    const endMs = u.scales.x?.max ?? 0;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    for (const [i, row] of now.rows.entries()) {
      ctx.strokeStyle = colours[i] ?? text;
      ctx.beginPath();
      for (const [x, y] of tail(now, row, endMs)) {
        ctx.lineTo(u.valToPos(x, "x", true), u.valToPos(y, "y", true));
      }
      ctx.stroke();
    }
    for (const limit of now.limits) {
      const y = u.valToPos(limit.value, "y", true);
      if (y < bbox.top - 1 || y > bbox.top + bbox.height + 1) continue;
      const colour = limit.tone === undefined ? text : scheme[limit.tone];
      ctx.strokeStyle = colour;
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      ctx.fillStyle = colour;
      ctx.font = `${11 * devicePixelRatio}px "Inter Variable", sans-serif`;
      ctx.textAlign = "right";
      const above = y - bbox.top > 16 * devicePixelRatio;
      ctx.textBaseline = above ? "bottom" : "top";
      ctx.fillText(limit.label, bbox.left + bbox.width - 4 * devicePixelRatio, y + (above ? -2 : 3) * devicePixelRatio);
    }
    ctx.restore();
  };
  return { hooks: { draw } };
}

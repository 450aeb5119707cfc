import type { Frame, Labels, Point } from "../api/types";

/** A series on the common steps of a chart. */
export interface Line {
  /** Which of the panel's queries it comes from. */
  readonly query: number;
  readonly labels: Labels;
  readonly values: readonly Point[];
}

/** Several frames on one row of steps. */
export interface Aligned {
  readonly fromMs: number;
  readonly stepMs: number;
  readonly count: number;
  readonly lines: readonly Line[];
}

/**
 * Puts the frames of a panel's queries on common steps: from the oldest to the newest step of any of them, null
 * where a series has none. Frames of another step than the finest are laid on its steps where they meet.
 */
export function align(frames: readonly (Frame | null)[]): Aligned {
  const known = frames.filter((frame) => frame !== null);
  if (known.length === 0) return { fromMs: 0, stepMs: 1000, count: 0, lines: [] };
  const stepMs = Math.min(...known.map((frame) => frame.stepMs));
  const fromMs = Math.min(...known.map((frame) => frame.fromMs));
  const toMs = Math.max(...known.map((frame) => frame.toMs));
  const count = Math.round((toMs - fromMs) / stepMs) + 1;

  const lines: Line[] = [];
  for (const [query, frame] of frames.entries()) {
    if (frame === null) continue;
    const offset = (frame.fromMs - fromMs) / stepMs;
    const stride = frame.stepMs / stepMs;
    for (const { labels, values } of frame.series) {
      if (offset === 0 && stride === 1 && values.length === count) {
        lines.push({ query, labels, values });
        continue;
      }
      const laid = Array.from<Point>({ length: count }).fill(null);
      for (const [i, value] of values.entries()) {
        const at = offset + i * stride;
        if (Number.isInteger(at) && at >= 0 && at < count) laid[at] = value;
      }
      lines.push({ query, labels, values: laid });
    }
  }
  return { fromMs, stepMs, count, lines };
}

/** What can be drawn of a point: finite numbers. A histogram has no height; NaN and the infinities neither. */
export function drawable(point: Point | undefined): number | null {
  return typeof point === "number" && Number.isFinite(point) ? point : null;
}

/** The newest point of values, not counting gaps. */
export function lastPoint(values: readonly Point[]): Point {
  return values.findLast((point) => point !== null) ?? null;
}

/** The point at a moment, taking the step that it falls nearest to; null outside. */
export function pointAt(aligned: Aligned, line: Line, ms: number): Point {
  return line.values[Math.round((ms - aligned.fromMs) / aligned.stepMs)] ?? null;
}

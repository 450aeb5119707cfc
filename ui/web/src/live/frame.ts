import type { Frame, Labels, Point, PointsUpdate, Series, SnapshotUpdate } from "../api/types";

/** A frame that grows: what one subscription holds. */
export interface LiveFrame extends Frame {
  /** The newest commit that fed it, on the server's clock; 0 before the first. */
  readonly fedMs: number;
  /** How often a commit is expected; 0 while unknown. */
  readonly intervalMs: number;
}

/** A frame and the watch's number of each of its series, in the frame's order. */
export interface Held {
  readonly frame: LiveFrame;
  readonly numbers: readonly number[];
}

/** The labels of each series of a watch, by its number. */
export type SeriesNames = ReadonlyMap<number, Labels>;

/** What a subscription holds after a snapshot: the snapshot, and nothing of before. */
export function fromSnapshot(update: SnapshotUpdate): Held {
  const { fromMs, toMs, stepMs, fedMs, intervalMs, warnings, infos } = update;
  const series = update.series.map<Series>((one) => ({ labels: one.labels ?? {}, values: one.v }));
  return {
    frame: { fromMs, toMs, stepMs, fedMs, intervalMs, warnings, infos, series },
    numbers: update.series.map((one) => one.s),
  };
}

/**
 * held after points: everything within the update's span is replaced, series that it does not mention have
 * nothing there, and what is older than windowMs is forgotten. null: the update cannot be joined to what is
 * held (an unknown series, another step, a hole between), and a fresh snapshot is needed.
 */
export function withPoints(held: Held, update: PointsUpdate, names: SeriesNames, windowMs: number): Held | null {
  const { frame } = held;
  const { stepMs } = frame;
  if (update.stepMs !== stepMs || update.fromMs > frame.toMs + stepMs) return null;

  const toMs = Math.max(frame.toMs, update.toMs);
  const held0 = Math.round((frame.toMs - frame.fromMs) / stepMs) + 1;
  const steps = Math.max(held0, Math.ceil(windowMs / stepMs));
  const fromMs = Math.max(frame.fromMs, toMs - (steps - 1) * stepMs);
  const count = Math.round((toMs - fromMs) / stepMs) + 1;
  const drop = Math.round((fromMs - frame.fromMs) / stepMs);
  const at = Math.round((update.fromMs - fromMs) / stepMs);
  const end = Math.round((update.toMs - fromMs) / stepMs);

  const fresh = new Map(update.series.map((one) => [one.s, one]));
  const series: Series[] = [];
  const numbers: number[] = [];
  const add = (s: number, labels: Labels, old: readonly Point[], v: readonly Point[] | undefined) => {
    const values: Point[] = [];
    let any = false;
    for (let i = 0; i < count; i++) {
      const point = (i >= at && i <= end ? v?.[i - at] : old[i + drop]) ?? null;
      any ||= point !== null;
      values.push(point);
    }
    if (!any) return;
    series.push({ labels, values });
    numbers.push(s);
  };

  for (const [i, s] of held.numbers.entries()) {
    const one = frame.series[i];
    if (!one) continue;
    add(s, one.labels, one.values, fresh.get(s)?.v);
    fresh.delete(s);
  }
  for (const [s, one] of fresh) {
    const labels = one.labels ?? names.get(s);
    if (labels === undefined) return null;
    add(s, labels, [], one.v);
  }
  const { fedMs, intervalMs } = update;
  return { frame: { ...frame, fromMs, toMs, fedMs, intervalMs, series }, numbers };
}

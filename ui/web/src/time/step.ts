const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** The fixed ladder of steps, in milliseconds: the server snaps to the same, so that viewers share. */
export const stepLadder: readonly number[] = [
  second, 2 * second, 5 * second, 10 * second, 15 * second, 30 * second,
  minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute,
  hour, 2 * hour, 3 * hour, 4 * hour, 6 * hour, 8 * hour, 12 * hour, day,
];

/** The smallest step of the ladder that is not below ms; above the ladder, whole days. */
export function snapStep(ms: number): number {
  return stepLadder.find((step) => step >= ms) ?? Math.ceil(ms / day) * day;
}

/** The step for a range drawn with at most points points. */
export function autoStep(rangeMs: number, points: number): number {
  return snapStep(Math.max(second, rangeMs / Math.max(1, points)));
}

/** The newest step that is not after ms. */
export function floorToStep(ms: number, stepMs: number): number {
  return Math.floor(ms / stepMs) * stepMs;
}

/**
 * The window of rate() for samples every intervalMs, drawn every stepMs: at least four samples, so
 * that one missed scrape leaves no gap, at least a step, so that nothing between two steps is lost, and
 * long enough to be calm.
 */
export function rateWindowMs(intervalMs: number, stepMs: number): number {
  return Math.max(4 * intervalMs, stepMs, 10 * second);
}

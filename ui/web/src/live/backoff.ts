/**
 * How long to wait before the next attempt, in milliseconds: doubling from 0.5 s to 10 s, half of it by
 * chance, so that a thousand tabs do not come back in the same instant. failures counts from 0.
 */
export function backoffMs(failures: number, random: () => number): number {
  const full = Math.min(10_000, 500 * 2 ** Math.min(failures, 10));
  return full / 2 + (full / 2) * random();
}

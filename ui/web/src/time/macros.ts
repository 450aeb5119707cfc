import { promDuration } from "./duration";
import { autoStep, snapStep } from "./step";

/** What a panel says about its step, and what it is drawn on. */
export interface StepWish {
  readonly rangeMs: number;
  /** How many steps fit beside each other. */
  readonly points: number;
  /** How often its samples are scraped. */
  readonly scrapeMs: number;
  /** The least step that the panel or its targets ask for; 0 for none. */
  readonly leastMs: number;
}

/** The step of a panel: $__interval. On the ladder, at least the least step and the scrape interval. */
export function panelStep({ rangeMs, points, scrapeMs, leastMs }: StepWish): number {
  return Math.max(autoStep(rangeMs, points), snapStep(Math.max(scrapeMs, leastMs)));
}

/** $__rate_interval: always four scrapes, and always past the last step. */
export function rateInterval(stepMs: number, scrapeMs: number): number {
  return Math.max(stepMs + scrapeMs, 4 * scrapeMs);
}

/** The values of the macros that are about time. */
export function timeMacros(of: { stepMs: number; scrapeMs: number; rangeMs: number; fromMs: number; toMs: number }): Readonly<Record<string, string>> {
  const rateMs = rateInterval(of.stepMs, of.scrapeMs);
  return {
    __interval: promDuration(of.stepMs),
    __interval_ms: String(of.stepMs),
    __rate_interval: promDuration(rateMs),
    __rate_interval_ms: String(rateMs),
    __range: promDuration(of.rangeMs),
    __range_s: String(Math.round(of.rangeMs / 1000)),
    __range_ms: String(of.rangeMs),
    __from: String(of.fromMs),
    __to: String(of.toMs),
  };
}

const reference = /\$(\w+)|\$\{(\w+)(?:\.[^:}]+)?(?::[^}]+)?\}|\[\[(\w+?)(?:\.[^:\]]+)?(?::[^\]]+)?\]\]/g;

/** text with values in the places of $name, ${name}, ${name:format} and [[name]]; what has no value stays as it is. */
export function interpolate(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(reference, (found, plain?: string, braced?: string, old?: string) => {
    const name = plain ?? braced ?? old ?? "";
    return Object.hasOwn(values, name) ? (values[name] ?? found) : found;
  });
}

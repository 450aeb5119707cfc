import { describe, expect, it } from "vitest";
import { interpolate, panelStep, rateInterval, timeMacros } from "./macros";

describe("panelStep", () => {
  it.each([
    ["points that fit", { rangeMs: 900_000, points: 600, scrapeMs: 1000, leastMs: 0 }, 2000],
    ["not below the scrape interval", { rangeMs: 300_000, points: 600, scrapeMs: 15_000, leastMs: 0 }, 15_000],
    ["not below the panel's own least step, on the ladder", { rangeMs: 300_000, points: 600, scrapeMs: 1000, leastMs: 7000 }, 10_000],
    ["long ranges", { rangeMs: 7 * 86_400_000, points: 600, scrapeMs: 15_000, leastMs: 0 }, 1_800_000],
  ])("%s", (_, wish, want) => {
    expect(panelStep(wish)).toBe(want);
  });
});

describe("rateInterval", () => {
  it.each([
    ["four scrapes of a short step", 1000, 15_000, 60_000],
    ["a step and a scrape of a long one", 300_000, 15_000, 315_000],
    ["where both are the same", 45_000, 15_000, 60_000],
  ])("%s", (_, step, scrape, want) => {
    expect(rateInterval(step, scrape)).toBe(want);
  });
});

describe("interpolate", () => {
  const macros = timeMacros({ stepMs: 5000, scrapeMs: 1000, rangeMs: 900_000, fromMs: 1_000_000, toMs: 1_900_000 });
  it.each([
    ["rate(x[$__rate_interval])", "rate(x[6s])"],
    ["rate(x[${__rate_interval}])", "rate(x[6s])"],
    ["avg_over_time(x[$__interval:])", "avg_over_time(x[5s:])"],
    ["increase(x[$__range])", "increase(x[15m])"],
    ["x / $__range_s + $__range_ms + $__interval_ms + $__rate_interval_ms", "x / 900 + 900000 + 5000 + 6000"],
    ["$__from ${__to} ${__to:date}", "1000000 1900000 1900000"],
    ['up{job=~"${job:regex}", a="[[job]]", b="${job.text}"}', 'up{job=~"shop", a="shop", b="shop"}'],
    ['label_replace(up, "a", "$1", "b", "(.*)")', 'label_replace(up, "a", "$1", "b", "(.*)")'],
    ["$nothing ${nothing} [[nothing]]", "$nothing ${nothing} [[nothing]]"],
    ["$constructor", "$constructor"],
  ])("%s", (text, want) => {
    expect(interpolate(text, { ...macros, job: "shop" })).toBe(want);
  });
});

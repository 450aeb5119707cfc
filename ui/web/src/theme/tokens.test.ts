import { describe, expect, it } from "vitest";
import { contrast } from "./contrast";
import { tokens } from "./tokens";

describe.each(Object.entries(tokens))("the %s scheme", (_, scheme) => {
  const grounds = [scheme.page, scheme.surface, scheme.raised];

  it.each(["text", "dim", "accent", "critical", "warning", "info", "healthy"] as const)(
    "can be read: %s",
    (name) => {
      for (const ground of grounds) expect(contrast(scheme[name], ground)).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each(["word", "text", "number", "label"] as const)("can be read in code: %s", (name) => {
    for (const ground of grounds) expect(contrast(scheme.code[name], ground)).toBeGreaterThanOrEqual(4.5);
  });

  it("draws lines that can be seen", () => {
    for (const colour of scheme.series) expect(contrast(colour, scheme.surface)).toBeGreaterThanOrEqual(3);
  });

  it("has ten different series colours", () => {
    expect(new Set(scheme.series).size).toBe(10);
  });
});

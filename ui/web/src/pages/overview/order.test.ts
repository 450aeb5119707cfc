import { describe, expect, it } from "vitest";
import { alert } from "../../testing/documents";
import { byUrgency } from "./order";

describe("byUrgency", () => {
  it("puts those that page before those that page nobody, and pending last", () => {
    const list = [
      { ...alert, fingerprint: "pending", state: "pending" as const, severity: "critical" as const },
      { ...alert, fingerprint: "silenced", status: "suppressed" as const, silencedBy: ["s1"] },
      { ...alert, fingerprint: "first", severity: "warning" as const },
      { ...alert, fingerprint: "inhibited", status: "suppressed" as const, inhibitedBy: ["b2"] },
      { ...alert, fingerprint: "second", severity: "info" as const, status: "unprocessed" as const },
    ];
    expect(byUrgency(list).map(({ fingerprint }) => fingerprint)).toEqual(["first", "second", "silenced", "inhibited", "pending"]);
  });
});

import { describe, expect, it } from "vitest";
import { clockIn } from "./clock";

const morning = Date.UTC(2026, 9, 12, 5, 31, 4);

describe("a clock", () => {
  const berlin = clockIn("Europe/Berlin");

  it("shows today's times without a date", () => {
    expect(berlin.exact(morning, morning + 960_000)).toBe("07:31:04");
    expect(berlin.short(morning, morning + 960_000)).toBe("07:31");
  });

  it("puts the date before another day's times", () => {
    expect(berlin.short(morning, morning + 86_400_000)).toBe("12 Oct 07:31");
  });

  it("adds the year when it is another one", () => {
    expect(berlin.short(morning, morning + 200 * 86_400_000)).toBe("12 Oct 2026 07:31");
  });

  it("counts days in its own zone, not in UTC", () => {
    const lateEvening = Date.UTC(2026, 9, 12, 23, 30);
    expect(berlin.short(lateEvening, lateEvening + 3_600_000)).toBe("01:30");
    expect(clockIn("UTC").short(lateEvening, lateEvening + 3_600_000)).toBe("12 Oct 23:30");
  });

  it("names the zone of the moment, summer time included", () => {
    expect(berlin.zone(morning)).toMatch(/^(CEST|GMT\+2)$/);
    expect(berlin.zone(Date.UTC(2026, 0, 12))).toMatch(/^(CET|GMT\+1)$/);
    expect(clockIn("UTC").zone(morning)).toBe("UTC");
  });

  it("writes everything in full", () => {
    expect(clockIn("UTC").full(morning)).toBe("Mon, 12 Oct 2026, 05:31:04 UTC");
  });
});

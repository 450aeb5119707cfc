import { describe, expect, it } from "vitest";
import { alert, alerts, nowMs, status, targets } from "../../testing/documents";
import { clockIn } from "../../time/clock";
import { stateSentence, type Known } from "./sentence";

const calm: Known = { connection: { status: "live" }, status, alerts: alerts(), targets: targets(14), fedMs: 0, nowMs };
const write = (over: Partial<Known>) => {
  const sentence = stateSentence({ ...calm, ...over }, clockIn("UTC"));
  return { tone: sentence.tone, text: `${sentence.lead} ${sentence.rest}`.trim(), spoken: sentence.spoken };
};

describe("the sentence of state", () => {
  it("is calm", () => {
    expect(write({})).toEqual({
      tone: "healthy",
      text: "All calm: 14 targets up, nothing firing, last sample 2 s ago.",
      spoken: "All calm: 14 targets up, nothing firing.",
    });
  });

  it("mentions what is pending and what was not scraped yet", () => {
    const pending = { ...alert, state: "pending" as const };
    expect(write({ alerts: alerts(pending), targets: targets(1, 0, 3) }).text).toBe(
      "All calm: 1 target up, 3 not scraped yet, nothing firing, 1 pending, last sample 2 s ago.",
    );
  });

  it("names the one alert that fires, since when, and who is still up", () => {
    expect(write({ alerts: alerts(alert) })).toEqual({
      tone: "critical",
      text: "PaymentLatencyHigh is firing since 05:31 (16 min ago). 14 targets up, last sample 2 s ago.",
      spoken: "PaymentLatencyHigh is firing since 05:31. 14 targets up.",
    });
  });

  it("counts several by severity and names the first", () => {
    const warning = { ...alert, severity: "warning" as const, name: "PoolSaturated" };
    const nameless = { ...alert, severity: "none" as const };
    expect(write({ alerts: alerts(alert, warning, warning, nameless) }).text).toBe(
      "1 critical, 2 warnings, 1 more firing, first PaymentLatencyHigh since 05:31 (16 min ago). 14 targets up, last sample 2 s ago.",
    );
  });

  it("is no alarm when everything that fires is silenced", () => {
    const silenced = { ...alert, status: "suppressed" as const, silencedBy: ["s1"] };
    expect(write({ alerts: alerts(silenced) })).toMatchObject({
      tone: "info",
      text: "PaymentLatencyHigh is firing since 05:31 (16 min ago), all silenced. 14 targets up, last sample 2 s ago.",
    });
  });

  it("tells a silence from an inhibition", () => {
    const inhibited = { ...alert, status: "suppressed" as const, inhibitedBy: ["b2"] };
    expect(write({ alerts: alerts(inhibited) }).text).toContain("(16 min ago), all suppressed.");
  });

  it("takes the newest of what it hears for the last sample", () => {
    expect(write({ fedMs: nowMs - 300 }).text).toContain("last sample 0 s ago");
  });

  it("leads with one that is not silenced", () => {
    const silenced = { ...alert, status: "suppressed" as const, silencedBy: ["s1"] };
    const warning = { ...alert, severity: "warning" as const, name: "PoolSaturated" };
    expect(write({ alerts: alerts(silenced, warning) })).toMatchObject({
      tone: "warning",
      text: "1 critical, 1 warning firing, first PoolSaturated since 05:31 (16 min ago), 1 silenced. 14 targets up, last sample 2 s ago.",
    });
  });

  it.each([
    ["some", targets(12, 2), "2 of 14 targets down. Nothing firing, last sample 2 s ago."],
    ["the only one", targets(0, 1), "The only target is down. Nothing firing, last sample 2 s ago."],
    ["all", targets(0, 500), "All 500 targets are down. Nothing firing, last sample 2 s ago."],
  ])("says that %s of the targets are down", (_, down, text) => {
    expect(write({ targets: down })).toMatchObject({ tone: "critical", text });
  });

  it("says when nothing comes in any more", () => {
    expect(write({ nowMs: nowMs + 90_000 })).toMatchObject({
      tone: "warning",
      text: "No new samples for 1 min. 14 targets up, nothing firing.",
    });
  });

  it("waits longer for slow jobs before it says so", () => {
    const slow = { ...status, jobs: [{ name: "batch", intervalMs: 60_000, targets: 1 }] };
    expect(write({ status: slow, nowMs: nowMs + 90_000 }).tone).toBe("healthy");
  });

  it("knows of no targets", () => {
    expect(write({ targets: targets(0) }).text).toBe("No targets yet. Daymark has nothing to scrape. Nothing firing.");
    const file = { ...status, configFile: "prometheus.yml" };
    expect(write({ status: file, targets: targets(0) }).text).toBe(
      "No targets yet. prometheus.yml names none that can be found. Nothing firing.",
    );
  });

  it("waits for the first scrape", () => {
    expect(write({ targets: targets(0, 0, 2) }).text).toBe("Starting. 2 targets not scraped yet, nothing firing.");
  });

  it("tells how far history is loaded", () => {
    const loading = { ...status, ready: false, loading: { stage: "replaying the write-ahead log", percent: 40.4 } };
    expect(write({ status: loading })).toEqual({
      tone: "info",
      text: "Loading history, 40 %. Replaying the write-ahead log. Scraping and alerting begin when it is read.",
      spoken: "Loading history.",
    });
  });

  it("says what was true when the connection was lost", () => {
    const connection = { status: "lost", untilMs: nowMs } as const;
    expect(write({ connection, nowMs: nowMs + 38_000 })).toEqual({
      tone: "warning",
      text: "Connection lost 38 s ago. At 05:47:00: All calm: 14 targets up, nothing firing, last sample 2 s ago.",
      spoken: "Connection lost. Before: All calm: 14 targets up, nothing firing.",
    });
  });

  it("stays an alarm when the connection is lost during one", () => {
    const connection = { status: "lost", untilMs: nowMs } as const;
    expect(write({ connection, alerts: alerts(alert), nowMs: nowMs + 38_000 }).tone).toBe("critical");
  });

  it("says when nobody answers at all", () => {
    expect(write({ status: null, connection: { status: "connecting" } }).text).toBe("Connecting to Daymark.");
    expect(write({ status: null, connection: { status: "lost", untilMs: 0 } }).text).toBe(
      "No answer from Daymark. This page keeps trying.",
    );
  });

  it("does not take fractions of a second for other words", () => {
    expect(write({ nowMs: nowMs + 400 }).text).toBe(write({}).text);
  });
});

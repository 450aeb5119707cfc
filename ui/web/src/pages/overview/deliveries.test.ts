import { describe, expect, it } from "vitest";
import { alert, nowMs } from "../../testing/documents";
import { clockIn } from "../../time/clock";
import { mutedWords, sentLines } from "./deliveries";

const attempt = { receiver: "pager", integration: "webhook", atMs: 1000, ok: true, error: "" };

describe("sentLines", () => {
  it("waits for a receiver that was not tried yet", () => {
    expect(sentLines(alert)).toEqual([{ kind: "waiting", to: "pager" }]);
  });

  it("tells the newest attempt of each, failures first", () => {
    const deliveries = [
      { ...attempt, ok: false, error: "connection refused" },
      { ...attempt, atMs: 2000 },
      { ...attempt, receiver: "mail", integration: "email", atMs: 1500, ok: false, error: "no such host" },
    ];
    expect(sentLines({ ...alert, receivers: ["pager", "mail"], deliveries })).toEqual([
      { kind: "failed", to: "mail (email)", atMs: 1500, error: "no such host" },
      { kind: "sent", to: "pager (webhook)", atMs: 2000 },
    ]);
  });

  it("says that the built-in route only shows", () => {
    const deliveries = [{ ...attempt, receiver: "daymark", integration: "ui" }];
    expect(sentLines({ ...alert, receivers: ["daymark"], deliveries })).toEqual([{ kind: "shown", atMs: 1000 }]);
  });

  it("waits for nobody while pending or silenced", () => {
    expect(sentLines({ ...alert, state: "pending" })).toEqual([]);
    expect(sentLines({ ...alert, status: "suppressed" })).toEqual([]);
  });
});

const anna = { id: "s1", createdBy: "anna", comment: "scaling up", endsMs: nowMs + 5 * 3_600_000 };

describe("mutedWords", () => {
  it.each([
    ["", {}],
    ["Silenced by s1, s2.", { status: "suppressed" as const, silencedBy: ["s1", "s2"] }],
    ['Silenced until 10:47 by anna: "scaling up".', { status: "suppressed" as const, silencedBy: ["s1"], silences: [anna] }],
    ['Silenced until 10:47 by anna: "scaling up". Silenced by s2.', { status: "suppressed" as const, silencedBy: ["s1", "s2"], silences: [anna] }],
    ["Silenced until 13 Oct 05:47.", { status: "suppressed" as const, silencedBy: ["s1"], silences: [{ ...anna, createdBy: "", comment: "", endsMs: nowMs + 86_400_000 }] }],
    ["Inhibited by another alert.", { status: "suppressed" as const, inhibitedBy: ["b2"] }],
    ["Muted by a time interval of its route.", { status: "suppressed" as const }],
  ])("%j", (want, over) => {
    expect(mutedWords({ ...alert, ...over }, nowMs, clockIn("UTC"))).toBe(want);
  });
});

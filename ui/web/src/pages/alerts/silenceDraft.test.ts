import { describe, expect, it } from "vitest";
import type { SilenceEntry } from "../../api/silences";
import { localInput } from "../../time/input";
import { again, draftOf, draftProblems, newDraft, wishOf } from "./silenceDraft";

const nowMs = Date.UTC(2026, 9, 12, 5, 47, 0, 250);
const matcher = { name: "alertname", op: "=" as const, value: "Slow" };
const good = newDraft([matcher], "anna", "scaling up");
const silence: SilenceEntry = {
  id: "s1", state: "active", matchers: [matcher], createdBy: "anna", comment: "scaling up",
  startsMs: nowMs - 3_600_123, endsMs: nowMs + 3_600_456, updatedMs: nowMs - 3_600_123,
};

describe("a new silence", () => {
  it("lasts two hours from now on, unless another end is chosen", () => {
    expect(draftProblems(good, nowMs, null)).toBeNull();
    expect(wishOf(good, nowMs, null)).toEqual({
      matchers: [matcher], createdBy: "anna", comment: "scaling up", startsMs: nowMs, endsMs: nowMs + 7_200_000,
    });
    expect(wishOf({ ...good, ends: { kind: "after", ms: 1_800_000 } }, nowMs, null)?.endsMs).toBe(nowMs + 1_800_000);
  });

  it("can begin later and end at a moment", () => {
    const starts = localInput(nowMs + 60_000);
    const wish = wishOf({ ...good, starts, ends: { kind: "at", text: localInput(nowMs + 120_000) } }, nowMs, null);
    expect([wish?.startsMs, wish?.endsMs]).toEqual([nowMs - 250 + 60_000, nowMs - 250 + 120_000]);
  });

  it("begins with an empty line where no matchers are known", () => {
    expect(newDraft([], "", "").lines).toEqual([{ key: 0, name: "", op: "=", value: "" }]);
  });

  it.each([
    ["no label", { lines: [{ key: 4, name: " ", op: "=" as const, value: "" }] }, { lines: { 4: "Which label?" } }],
    ["no matcher", { lines: [] }, { matchers: "A silence needs at least one matcher." }],
    ["matchers that select everything", { lines: [{ key: 0, name: "team", op: "=~" as const, value: ".*" }] }, { matchers: expect.stringContaining("must not match an empty value") as string }],
    ["no creator", { createdBy: " " }, { createdBy: expect.stringContaining("Who") as string }],
    ["no comment", { comment: "" }, { comment: expect.stringContaining("Why") as string }],
    ["no end", { ends: { kind: "at" as const, text: "" } }, { ends: "This is no moment." }],
    ["an end in the past", { ends: { kind: "at" as const, text: localInput(nowMs - 60_000) } }, { ends: "The end lies in the past." }],
    ["an end before the start", { starts: localInput(nowMs + 120_000), ends: { kind: "at" as const, text: localInput(nowMs + 60_000) } }, { ends: "The end must come after the start." }],
  ])("is refused with %s", (_, over, want) => {
    expect(draftProblems({ ...good, ...over }, nowMs, null)).toMatchObject(want);
  });

  it("leaves to the server what only that can judge", () => {
    expect(draftProblems({ ...good, lines: [{ key: 0, name: "a", op: "=~", value: "(" }] }, nowMs, null)).toBeNull();
  });
});

describe("a change", () => {
  it("keeps the moments that were not touched to the millisecond, and its id", () => {
    expect(wishOf(draftOf(silence), nowMs, silence)).toEqual({
      id: "s1", matchers: [matcher], createdBy: "anna", comment: "scaling up", startsMs: silence.startsMs, endsMs: silence.endsMs,
    });
  });

  it("lasts so long from now on, though it began before", () => {
    expect(wishOf({ ...draftOf(silence), ends: { kind: "after", ms: 1_800_000 } }, nowMs, silence)?.endsMs).toBe(nowMs + 1_800_000);
  });
});

describe("undo", () => {
  it("makes the silence again until its old end", () => {
    expect(again(silence, nowMs)).toEqual({ matchers: [matcher], createdBy: "anna", comment: "scaling up", startsMs: nowMs, endsMs: silence.endsMs });
  });
  it("keeps a start that is still to come", () => expect(again({ ...silence, startsMs: nowMs + 5 }, nowMs)?.startsMs).toBe(nowMs + 5));
  it("is too late after its end", () => expect(again(silence, silence.endsMs)).toBeNull());
});

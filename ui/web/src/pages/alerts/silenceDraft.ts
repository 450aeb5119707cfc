import type { SilenceEntry, SilenceWish } from "../../api/silences";
import { matching } from "../../matchers/match";
import type { Matcher } from "../../matchers/matcher";
import { localInput, readLocalInput } from "../../time/input";

/** One line of the form; key tells lines apart while they change. */
export interface MatcherLine extends Matcher {
  readonly key: number;
}

/** When a silence ends: so long after its start, or at a moment as its field has it. */
export type Ending = { readonly kind: "after"; readonly ms: number } | { readonly kind: "at"; readonly text: string };

/** What stands in the form. */
export interface SilenceDraft {
  readonly lines: readonly MatcherLine[];
  /** As its field has it; "": as soon as it is made. */
  readonly starts: string;
  readonly ends: Ending;
  readonly createdBy: string;
  readonly comment: string;
}

/** What is wrong, beside the field that mends it. */
export interface DraftProblems {
  readonly lines: Readonly<Record<number, string>>;
  readonly matchers?: string;
  readonly starts?: string;
  readonly ends?: string;
  readonly createdBy?: string;
  readonly comment?: string;
}

export const presets: readonly { readonly label: string; readonly ms: number }[] = [
  { label: "30 min", ms: 1_800_000 },
  { label: "1 h", ms: 3_600_000 },
  { label: "2 h", ms: 7_200_000 },
  { label: "4 h", ms: 14_400_000 },
  { label: "8 h", ms: 28_800_000 },
  { label: "1 day", ms: 86_400_000 },
  { label: "3 days", ms: 259_200_000 },
  { label: "1 week", ms: 604_800_000 },
];

const usualMs = 7_200_000;

/** A form for a new silence. */
export function newDraft(matchers: readonly Matcher[], createdBy: string, comment = ""): SilenceDraft {
  const lines = matchers.length > 0 ? matchers : [{ name: "", op: "=" as const, value: "" }];
  return { lines: lines.map((matcher, key) => ({ ...matcher, key })), starts: "", ends: { kind: "after", ms: usualMs }, createdBy, comment };
}

/** A form that changes a silence. */
export function draftOf(silence: SilenceEntry): SilenceDraft {
  return {
    lines: silence.matchers.map((matcher, key) => ({ ...matcher, key })),
    starts: localInput(silence.startsMs),
    ends: { kind: "at", text: localInput(silence.endsMs) },
    createdBy: silence.createdBy,
    comment: silence.comment,
  };
}

/** When the draft begins and ends; null where a field holds no moment. What was not touched keeps its milliseconds. */
export function draftTimes(draft: SilenceDraft, nowMs: number, original: SilenceEntry | null): { startsMs: number | null; endsMs: number | null } {
  const read = (text: string, before: number | undefined) => (before !== undefined && text === localInput(before) ? before : readLocalInput(text));
  const startsMs = draft.starts === "" ? nowMs : read(draft.starts, original?.startsMs);
  if (draft.ends.kind === "at") return { startsMs, endsMs: read(draft.ends.text, original?.endsMs) };
  // A change of a silence that has begun counts from now on, as does one that is new.
  return { startsMs, endsMs: startsMs === null ? null : Math.max(startsMs, nowMs) + draft.ends.ms };
}

/** The matchers, where all of them are complete; null where one is not. */
export function draftMatchers(lines: readonly MatcherLine[]): readonly Matcher[] | null {
  if (lines.length === 0 || lines.some(({ name }) => name.trim() === "")) return null;
  return lines.map(({ name, op, value }) => ({ name: name.trim(), op, value }));
}

/** Everything that keeps the draft from being a silence; what only the server can know comes with its answer. */
export function draftProblems(draft: SilenceDraft, nowMs: number, original: SilenceEntry | null): DraftProblems | null {
  const lines: Record<number, string> = {};
  for (const { key, name } of draft.lines) {
    if (name.trim() === "") lines[key] = "Which label?";
  }
  const { startsMs, endsMs } = draftTimes(draft, nowMs, original);
  const complete = draftMatchers(draft.lines);
  const matchesAll = complete !== null && matching(complete)?.({}) === true;
  const problems: DraftProblems = {
    lines,
    ...(draft.lines.length === 0 ? { matchers: "A silence needs at least one matcher." } : {}),
    ...(matchesAll ? { matchers: "These matchers select everything that lacks these labels: at least one must not match an empty value." } : {}),
    ...(startsMs === null ? { starts: "This is no moment." } : {}),
    ...(endsMs === null
      ? { ends: "This is no moment." }
      : endsMs <= nowMs
        ? { ends: "The end lies in the past." }
        : startsMs !== null && endsMs <= startsMs
          ? { ends: "The end must come after the start." }
          : {}),
    ...(draft.createdBy.trim() === "" ? { createdBy: "Who makes it? Colleagues will ask." } : {}),
    ...(draft.comment.trim() === "" ? { comment: "Why? Whoever finds it at night has only this." } : {}),
  };
  return Object.keys(lines).length === 0 && Object.keys(problems).length === 1 ? null : problems;
}

/** What is asked of the server; the draft must have no problems. */
export function wishOf(draft: SilenceDraft, nowMs: number, original: SilenceEntry | null): SilenceWish | null {
  const { startsMs, endsMs } = draftTimes(draft, nowMs, original);
  const matchers = draftMatchers(draft.lines);
  if (startsMs === null || endsMs === null || matchers === null) return null;
  return {
    ...(original === null ? {} : { id: original.id }),
    matchers, startsMs, endsMs,
    createdBy: draft.createdBy.trim(),
    comment: draft.comment.trim(),
  };
}

/** The silence again, from now until it would have ended; null where that is past. */
export function again({ matchers, createdBy, comment, startsMs, endsMs }: SilenceEntry, nowMs: number): SilenceWish | null {
  return endsMs <= nowMs ? null : { matchers, createdBy, comment, startsMs: Math.max(startsMs, nowMs), endsMs };
}

import { printMatcher, type Matcher } from "../matchers/matcher";
import { flag, labels, list, moment, object, oneOf, optional, text } from "./read";
import { request } from "./request";
import type { Labels } from "./types";

export type SilenceState = "active" | "pending" | "expired";

/** A silence as Alertmanager lists it. */
export interface SilenceEntry {
  readonly id: string;
  readonly state: SilenceState;
  readonly matchers: readonly Matcher[];
  readonly createdBy: string;
  readonly comment: string;
  readonly startsMs: number;
  readonly endsMs: number;
  readonly updatedMs: number;
}

/** What is asked for when a silence is made. With an id: that one is changed, or ended and replaced. */
export interface SilenceWish {
  readonly id?: string;
  readonly matchers: readonly Matcher[];
  readonly createdBy: string;
  readonly comment: string;
  readonly startsMs: number;
  readonly endsMs: number;
}

/** An alert as routing knows it. */
export interface RoutedAlert {
  readonly fingerprint: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly sinceMs: number;
  readonly status: "active" | "suppressed" | "unprocessed";
  readonly silencedBy: readonly string[];
  readonly inhibitedBy: readonly string[];
  readonly receivers: readonly string[];
}

const matcher = object<Matcher>((f) => {
  const equal = f.get("isEqual", optional(flag, true));
  const regex = f.get("isRegex", flag);
  return { name: f.get("name", text), op: equal ? (regex ? "=~" : "=") : regex ? "!~" : "!=", value: f.get("value", text) };
});

/** One silence of GET /api/v2/silences. */
export const readSilence = object<SilenceEntry>((f) => ({
  id: f.get("id", text),
  state: f.get("status", object((s) => s.get("state", oneOf("active", "pending", "expired")))),
  matchers: f.get("matchers", list(matcher)),
  createdBy: f.get("createdBy", text),
  comment: f.get("comment", text),
  startsMs: f.get("startsAt", moment),
  endsMs: f.get("endsAt", moment),
  updatedMs: f.get("updatedAt", moment),
}));

const routed = object<RoutedAlert>((f) => ({
  fingerprint: f.get("fingerprint", text),
  labels: f.get("labels", labels),
  annotations: f.get("annotations", labels),
  sinceMs: f.get("startsAt", moment),
  ...f.get("status", object((s) => ({
    status: s.get("state", oneOf("active", "suppressed", "unprocessed")),
    silencedBy: s.get("silencedBy", list(text)),
    inhibitedBy: s.get("inhibitedBy", list(text)),
  }))),
  receivers: f.get("receivers", list(object((r) => r.get("name", text)))),
}));

/** The body of GET /api/v2/alerts. */
export const readRouted = list(routed);

const withSignal = (signal?: AbortSignal) => (signal ? { signal } : {});

/** Every silence there is: active, pending and expired, in Alertmanager's order. */
export async function fetchSilences(signal?: AbortSignal): Promise<readonly SilenceEntry[]> {
  return list(readSilence)(await request("api/v2/silences", withSignal(signal)), "");
}

/** Those of the alerts that fire now which all matchers select: what a silence with them mutes. */
export async function fetchMatched(matchers: readonly Matcher[], signal?: AbortSignal): Promise<readonly RoutedAlert[]> {
  const params = new URLSearchParams(matchers.map((one) => ["filter", printMatcher(one)]));
  return readRouted(await request(`api/v2/alerts?${params.toString()}`, withSignal(signal)), "");
}

/** How many alerts each silence mutes now, by the silence's id. */
export async function fetchMutedCounts(signal?: AbortSignal): Promise<ReadonlyMap<string, number>> {
  const muted = readRouted(await request("api/v2/alerts?active=false&unprocessed=false", withSignal(signal)), "");
  const counts = new Map<string, number>();
  for (const { silencedBy } of muted) {
    for (const id of silencedBy) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** The body that Alertmanager takes. */
export function silenceBody({ id, matchers, createdBy, comment, startsMs, endsMs }: SilenceWish): unknown {
  return {
    ...(id === undefined ? {} : { id }),
    matchers: matchers.map(({ name, op, value }) => ({ name, value, isRegex: op === "=~" || op === "!~", isEqual: op === "=" || op === "=~" })),
    startsAt: new Date(startsMs).toISOString(),
    endsAt: new Date(endsMs).toISOString(),
    createdBy,
    comment,
  };
}

/** Makes or changes a silence; the id under which it now stands. */
export async function putSilence(wish: SilenceWish): Promise<string> {
  return object((f) => f.get("silenceID", text))(await request("api/v2/silences", { method: "POST", body: silenceBody(wish) }), "");
}

/** Ends a silence now. */
export async function expireSilence(id: string): Promise<void> {
  await request(`api/v2/silence/${encodeURIComponent(id)}`, { method: "DELETE" });
}

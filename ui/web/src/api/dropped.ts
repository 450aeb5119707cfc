import { labels, list, number, object, optional, text } from "./read";
import { request } from "./request";
import type { Labels } from "./types";

/** A target that discovery returned and that is not scraped. */
export interface DroppedTarget {
  /** As discovery returned them. */
  readonly labels: Labels;
  readonly address: string;
  /** Which relabel rule dropped it, from 1; 0: none did, reason tells. */
  readonly rule: number;
  readonly action: string;
  readonly ruleYaml: string;
  readonly reason: string;
}

export interface Dropped {
  readonly job: string;
  readonly dropped: number;
  /** How many of them are listed here. */
  readonly listed: number;
  readonly targets: readonly DroppedTarget[];
}

const target = object<DroppedTarget>((f) => ({
  labels: f.get("labels", labels),
  address: f.get("address", optional(text, "")),
  rule: f.get("rule", number),
  action: f.get("action", optional(text, "")),
  ruleYaml: f.get("rule_yaml", optional(text, "")),
  reason: f.get("reason", optional(text, "")),
}));

/** The body of GET /api/daymark/v1/targets/dropped. */
export const readDropped = object<Dropped>((f) => ({
  job: f.get("job", text),
  dropped: f.get("dropped", number),
  listed: f.get("listed", number),
  targets: f.get("targets", list(target)),
}));

/** What was dropped of a job, and by which rule. */
export async function fetchDropped(job: string, signal?: AbortSignal): Promise<Dropped> {
  const params = new URLSearchParams({ job });
  return readDropped(await request(`api/daymark/v1/targets/dropped?${params.toString()}`, signal ? { signal } : {}), "");
}

import type { Status } from "../../api/types";
import { parseDuration } from "../../time/duration";

/**
 * How often what expr asks for is scraped: the interval of the job that it names, otherwise the longest of all jobs,
 * so that no rate has gaps.
 */
export function scrapeIntervalMs(expr: string, status: Pick<Status, "jobs" | "scrapeIntervalMs">): number {
  const [, named = ""] = /\bjob=~?"([^"]*)"/.exec(expr) ?? [];
  const plain = named.replace(/\\\\?(.)/g, "$1");
  const job = status.jobs.find(({ name }) => name === plain);
  if (job !== undefined) return job.intervalMs;
  const all = status.jobs.filter(({ targets }) => targets > 0).map(({ intervalMs }) => intervalMs);
  return Math.max(1000, ...(all.length > 0 ? all : [status.scrapeIntervalMs]));
}

/** A least step as a panel writes it ("10s", ">10s"); 0 for none. */
export function leastStepMs(text: string): number {
  return parseDuration(text.replace(/^>/, "")) ?? 0;
}

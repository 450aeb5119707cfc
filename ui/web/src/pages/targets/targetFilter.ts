import type { Health, Pool, Targets } from "../../api/types";

/** Which targets the reader wants to see. */
export interface TargetFilter {
  /** null: any. */
  readonly health: Health | null;
  /** "": any. */
  readonly job: string;
  /** Words, all of which stand somewhere in the target. */
  readonly search: string;
}

export function readHealth(text: string | null): Health | null {
  return text === "up" || text === "down" || text === "unknown" ? text : null;
}

/** How many of a pool's targets the document lists; the counts of the pool know of all. */
export function unlisted(pool: Pool): number {
  return Math.max(0, pool.up + pool.down + pool.unknown - pool.targets.length);
}

/** The pools with the targets that are left; one without any stays only where nothing but the job was asked. */
export function filterPools(targets: Targets, { health, job, search }: TargetFilter): readonly Pool[] {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const any = health === null && words.length === 0;
  return targets.pools
    .filter((pool) => job === "" || pool.job === job)
    .map((pool) => ({
      ...pool,
      targets: pool.targets.filter((target) => {
        if (health !== null && target.health !== health) return false;
        const text = [pool.job, target.instance, target.url, target.error, ...Object.entries(target.labels).flat()].join("\n").toLowerCase();
        return words.every((word) => text.includes(word));
      }),
    }))
    .filter((pool) => any || pool.targets.length > 0);
}

/** A selector of the series that a scrape makes of this target itself: up{job="…",instance="…"}. */
export function targetSelector(metric: string, job: string, instance: string): string {
  return `${metric}{job=${JSON.stringify(job)},instance=${JSON.stringify(instance)}}`;
}

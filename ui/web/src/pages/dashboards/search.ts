import type { DashboardSummary } from "../../api/dashboards";

/** The dashboards that hold every word in title, description or tags, and carry the tag ("" for any). */
export function found(all: readonly DashboardSummary[], query: string, tag: string): readonly DashboardSummary[] {
  const wanted = query.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return all.filter(({ title, description, tags }) => {
    const text = [title, description, ...tags].join("\n").toLowerCase();
    return (tag === "" || tags.includes(tag)) && wanted.every((word) => text.includes(word));
  });
}

/** Every tag and how many dashboards carry it, the commonest first. */
export function tagCounts(all: readonly DashboardSummary[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const tag of all.flatMap(({ tags }) => [...new Set(tags)])) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b, "en"));
}

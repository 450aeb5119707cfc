import type { Labels } from "../api/types";

/** A series as PromQL writes it: up{job="node"}; "" without labels. */
export function seriesName(labels: Labels): string {
  const { __name__: metric = "", ...rest } = labels;
  const plain = /^[A-Za-z_:][A-Za-z0-9_:]*$/.test(metric);
  const conditions = Object.keys(rest)
    .sort()
    .map((name) => `${/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : JSON.stringify(name)}=${JSON.stringify(rest[name])}`);
  if (metric !== "" && !plain) conditions.unshift(JSON.stringify(metric));
  const braces = conditions.length === 0 ? "" : `{${conditions.join(", ")}}`;
  return plain ? metric + braces : braces;
}

import type { Labels } from "../../api/types";

/** A series in PromQL's own spelling: up{job="shop"}. */
export function seriesText(labels: Labels): string {
  const pairs = Object.keys(labels).filter((name) => name !== "__name__").sort().map((name) => `${name}=${JSON.stringify(labels[name])}`);
  const metric = labels.__name__ ?? "";
  return pairs.length === 0 && metric !== "" ? metric : `${metric}{${pairs.join(", ")}}`;
}

/** The name of a series: by the target's template ({{label}}), else by what it is told apart with. */
export function seriesName(labels: Labels, format: string, otherwise: string): string {
  if (format !== "" && format !== "__auto") {
    return format.replace(/\{\{\s*([^}\s]+)\s*\}\}/g, (_, name: string) => (Object.hasOwn(labels, name) ? (labels[name] ?? "") : "")).trim() || otherwise;
  }
  const names = Object.keys(labels);
  const [only] = names;
  if (only === undefined) return otherwise;
  return names.length === 1 ? (labels[only] ?? "") : seriesText(labels);
}

/** An override's display name: ${__field.labels.NAME}, ${__field.name} and ${__series.name} are filled in. */
export function displayName(template: string, name: string, labels: Labels): string {
  return template
    .replace(/\$\{__field\.labels\.(\w+)\}/g, (_, label: string) => (Object.hasOwn(labels, label) ? (labels[label] ?? "") : ""))
    .replace(/\$\{__(?:series|field)(?:\.name|\.displayName)?\}/g, () => name);
}

const notMetrics = new Set(["and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset", "inf", "nan", "start", "end"]);

/** The metrics that an expression asks for. */
export function metricNames(expr: string): readonly string[] {
  const names = new Set<string>();
  for (const [, name = ""] of expr.matchAll(/__name__\s*=\s*"([^"]+)"/g)) names.add(name);
  const bare = expr
    .replace(/#.*$/gm, " ")
    .replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, '""')
    .replace(/\{[^}]*\}/g, " ")
    .replace(/\[[^\]]*\]/g, " ")
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/gi, " ");
  for (const { 0: word, index } of bare.matchAll(/(?<![\w:.])[A-Za-z_:][\w:]*/g)) {
    const called = /^\s*\(/.test(bare.slice(index + word.length));
    if (!called && !notMetrics.has(word.toLowerCase())) names.add(word);
  }
  return [...names].sort();
}

import type { Labels, Severity } from "../../api/types";

const words: Readonly<Record<Exclude<Severity, "none">, readonly string[]>> = {
  critical: ["critical", "page", "error", "high", "fatal", "emergency", "disaster"],
  warning: ["warning", "warn", "medium", "ticket", "major", "minor"],
  info: ["info", "information", "notice", "low"],
};

/** How bad it is by the label of that name, in the words that are around: as the server reads it. */
export function severityOf(labels: Labels): Severity {
  const word = (labels.severity ?? "").toLowerCase();
  for (const severity of ["critical", "warning", "info"] as const) {
    if (words[severity].includes(word)) return severity;
  }
  return "none";
}

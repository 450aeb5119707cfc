const units: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];

/** A duration in PromQL's spelling: 90 s is "1m30s", 0 is "0s". */
export function promDuration(ms: number): string {
  let rest = Math.round(ms);
  let out = "";
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    if (count > 0) {
      out += `${count}${name}`;
      rest -= count * size;
    }
  }
  return out === "" ? "0s" : out;
}

/** Reads PromQL's spelling ("15m", "1h30m"); null when it is not one. */
export function parseDuration(text: string): number | null {
  if (!/^(\d+(ms|[smhdw]))+$/.test(text)) return null;
  let total = 0;
  for (const [, digits, unit] of text.matchAll(/(\d+)(ms|[smhdw])/g)) {
    const size = unit === "w" ? 604_800_000 : (units.find(([name]) => name === unit)?.[1] ?? 0);
    total += Number(digits) * size;
  }
  return total > 0 ? total : null;
}

/** An age or length for reading, in its largest unit: "2 s", "16 min", "3 h", "5 d". */
export function spokenDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) {
    const rest = minutes % 60;
    return rest > 0 && hours < 6 ? `${hours} h ${rest} min` : `${hours} h`;
  }
  return `${Math.floor(hours / 24)} d`;
}

/** spokenDuration with "ago". */
export function ago(ms: number): string {
  return `${spokenDuration(ms)} ago`;
}

const key = "daymark-explore-recent";
const most = 40;
const longest = 4000;

/** exprs before what was asked earlier: each once, the newest first, bounded. */
export function remember(before: readonly string[], exprs: readonly string[]): readonly string[] {
  const fresh = exprs.map((expr) => expr.trim()).filter((expr) => expr !== "" && expr.length <= longest);
  return [...new Set([...fresh, ...before])].slice(0, most);
}

/** What this browser asked before; nothing where it keeps nothing, or something else. */
export function readRecent(storage: Pick<Storage, "getItem">): readonly string[] {
  try {
    const kept: unknown = JSON.parse(storage.getItem(key) ?? "[]");
    return Array.isArray(kept) ? remember([], kept.filter((one) => typeof one === "string")) : [];
  } catch {
    return [];
  }
}

/** Keeps list in this browser, where it allows that. */
export function writeRecent(storage: Pick<Storage, "setItem">, list: readonly string[]): void {
  try {
    storage.setItem(key, JSON.stringify(list));
  } catch {
    // A private window, or no room: then it is not remembered.
  }
}

export interface Level {
  readonly tone: "normal" | "warning" | "critical";
  /** "" while normal. */
  readonly word: string;
}

/** What a share means against the two limits of a gauge. */
export function level(share: number | null, limits: readonly [number, number]): Level {
  if (share !== null && share >= limits[1]) return { tone: "critical", word: "very high" };
  if (share !== null && share >= limits[0]) return { tone: "warning", word: "high" };
  return { tone: "normal", word: "" };
}

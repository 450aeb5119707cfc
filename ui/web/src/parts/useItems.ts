import { useState } from "react";

/**
 * list, as the same array for as long as its items are the same: what is worked out of the items can then depend on
 * one thing, however many they are.
 */
export function useItems<T>(list: readonly T[]): readonly T[] {
  const [kept, setKept] = useState(list);
  if (kept.length === list.length && kept.every((item, i) => Object.is(item, list[i]))) return kept;
  setKept(list);
  return list;
}

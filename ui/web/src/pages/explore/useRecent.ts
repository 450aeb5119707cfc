import { useState } from "react";
import { readRecent, remember, writeRecent } from "./recent";

/** What this browser asked before, and how to add to it. */
export function useRecent(): [readonly string[], (exprs: readonly string[]) => void] {
  const [list, setList] = useState(() => readRecent(localStorage));
  const add = (exprs: readonly string[]) => {
    // Another tab may have added to it.
    const next = remember(readRecent(localStorage), exprs);
    writeRecent(localStorage, next);
    setList(next);
  };
  return [list, add];
}

import { useEffect, useRef } from "react";
import { useShortcutLists } from "../parts/shortcuts";
import { press, typing, type Pressed } from "./keySequence";

/** Listens for the shortcuts in force, wherever no text is being typed. */
export function useKeys(): void {
  const lists = useShortcutLists();
  const latest = useRef(lists);
  useEffect(() => {
    latest.current = lists;
  });
  useEffect(() => {
    let held: readonly Pressed[] = [];
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
      // Those of the page come before those of all pages.
      const next = press(held, event.key, event.timeStamp, latest.current.toReversed().flatMap(({ list }) => list));
      held = next.keys;
      if (next.run === null) return;
      event.preventDefault();
      next.run();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

import { spotlight } from "@mantine/spotlight";
import { useSearch, useLocation } from "wouter";
import type { PageEntry } from "../parts/pageEntry";
import { useShortcuts } from "../parts/shortcuts";
import { keepRange } from "../url/links";
import { useKeys } from "./useKeys";

export interface GlobalDeeds {
  readonly openTime: () => void;
  readonly openSheet: () => void;
}

/** The shortcuts of all pages, and the keyboard's own ear. */
export function useGlobalShortcuts(pages: readonly PageEntry[], { openTime, openSheet }: GlobalDeeds): void {
  const [, goTo] = useLocation();
  const search = useSearch();
  useKeys();
  useShortcuts("Everywhere", [
    { keys: ["Ctrl", "K"], does: "search: pages, metrics, alerts, targets, times, colours" },
    { keys: ["/"], does: "search as well", run: spotlight.open },
    ...pages.map(({ path, label, shortcut }) => ({ keys: shortcut.split(" "), does: `go to ${label}`, run: () => goTo(keepRange(path, search)) })),
    { keys: ["t"], does: "choose the time", run: openTime },
    { keys: ["?"], does: "these shortcuts", run: openSheet },
    { keys: ["Esc"], does: "let go of the moment, close what is open" },
  ]);
  useShortcuts("In a chart", [
    { keys: ["Tab"], does: "from one chart or control to the next" },
    { keys: ["Left", "Right"], does: "point at a moment, in all panels" },
    { keys: ["Shift", "Left"], does: "ten steps at once" },
    { keys: ["+", "−"], does: "zoom in and out around that moment" },
    { keys: ["0"], does: "back to live" },
  ]);
}

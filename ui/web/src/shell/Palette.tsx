import { useMantineColorScheme } from "@mantine/core";
import { Spotlight } from "@mantine/spotlight";
import { useLocation } from "wouter";
import { useAlerts, useTargets } from "../live/useLive";
import { SearchIcon } from "../parts/icons";
import type { TimeRange } from "../time/range";
import { paletteActions } from "./paletteActions";

/** Shows a card of Overview, and puts the focus there. */
function showCard(id: string): void {
  // Once the palette has given the focus back.
  setTimeout(() => {
    const card = document.getElementById(id);
    card?.scrollIntoView({ block: "start" });
    card?.focus();
  }, 50);
}

/** Everything by name: opened with Ctrl K or ⌘ K. */
export function Palette({ setRange }: { setRange: (range: TimeRange) => void }) {
  const [, goTo] = useLocation();
  const { setColorScheme } = useMantineColorScheme();
  const actions = paletteActions(useAlerts(), useTargets(), { goTo, showCard, setRange, setScheme: setColorScheme });
  return (
    <Spotlight
      actions={actions.map(({ id, label, description, keywords, run }) => ({
        id, label, description, keywords: [...keywords], onClick: run,
      }))}
      shortcut="mod + K"
      limit={8}
      nothingFound="Nothing by that name"
      transitionProps={{ duration: 0 }}
      overlayProps={{ transitionProps: { duration: 0 } }}
      attributes={{ content: { "aria-label": "Search" } }}
      searchProps={{ placeholder: "Pages, alerts, targets, times", "aria-label": "Search", leftSection: <SearchIcon /> }}
    />
  );
}

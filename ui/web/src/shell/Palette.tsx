import { useMantineColorScheme } from "@mantine/core";
import { Spotlight } from "@mantine/spotlight";
import { useLocation, useSearch } from "wouter";
import { useAlerts, useTargets } from "../live/useLive";
import { SearchIcon } from "../parts/icons";
import type { PageEntry } from "../parts/pageEntry";
import type { TimeRange } from "../time/range";
import { keepRange } from "../url/links";
import { paletteActions } from "./paletteActions";

/** Everything by name: opened with Ctrl K or ⌘ K. */
export function Palette({ pages, setRange }: { pages: readonly PageEntry[]; setRange: (range: TimeRange) => void }) {
  const [, navigate] = useLocation();
  const search = useSearch();
  const goTo = (path: string) => navigate(keepRange(path, search));
  const { setColorScheme } = useMantineColorScheme();
  const actions = paletteActions(pages, useAlerts(), useTargets(), { goTo, setRange, setScheme: setColorScheme });
  return (
    <Spotlight
      actions={actions.map(({ id, label, description, keywords, run }) => ({
        id, label, description, keywords: [...keywords], onClick: run,
      }))}
      shortcut="mod + K"
      tagsToIgnore={[]}
      triggerOnContentEditable
      limit={8}
      nothingFound="Nothing by that name"
      transitionProps={{ duration: 0 }}
      overlayProps={{ transitionProps: { duration: 0 } }}
      attributes={{ content: { "aria-label": "Search" } }}
      searchProps={{ placeholder: "Pages, alerts, targets, times", "aria-label": "Search", leftSection: <SearchIcon /> }}
    />
  );
}

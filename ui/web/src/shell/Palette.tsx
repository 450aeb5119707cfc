import { useMantineColorScheme } from "@mantine/core";
import { Spotlight, spotlight } from "@mantine/spotlight";
import { useId, useState, type KeyboardEvent } from "react";
import { useLocation, useSearch } from "wouter";
import { useAlerts, useTargets } from "../live/useLive";
import { SearchIcon } from "../parts/icons";
import type { PageEntry } from "../parts/pageEntry";
import type { TimeRange } from "../time/range";
import { keepRange } from "../url/links";
import { findActions, paletteActions, type PaletteAction } from "./paletteActions";
import { optionId, PaletteList } from "./PaletteList";
import css from "./PaletteList.module.css";
import { usePaletteFinds } from "./usePaletteFinds";

/** Everything by name: opened with Ctrl K or ⌘ K. */
export function Palette({ pages, setRange }: { pages: readonly PageEntry[]; setRange: (range: TimeRange) => void }) {
  const [, navigate] = useLocation();
  const search = useSearch();
  const goTo = (path: string) => navigate(keepRange(path, search));
  const { setColorScheme } = useMantineColorScheme();
  const [open, setOpen] = useState(false);
  const [query, setQuery] = useState("");
  // The one that was chosen with the arrows or the mouse; otherwise the first is selected.
  const [chosen, setChosen] = useState<string | null>(null);
  const alerts = useAlerts();
  const targets = useTargets();
  const { metrics, dashboards, asking, failure } = usePaletteFinds(open, query);
  const actions = open ? findActions(query, paletteActions({ pages, alerts, targets, metrics, dashboards }, { goTo, setRange, setScheme: setColorScheme })) : [];
  const selected = Math.max(0, actions.findIndex(({ id }) => id === chosen));
  const listId = useId();

  const point = (place: number) => setChosen(actions[(place + actions.length) % actions.length]?.id ?? null);
  const run = (action: PaletteAction) => {
    spotlight.close();
    action.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const action = actions[selected];
    const deed = { ArrowDown: () => point(selected + 1), ArrowUp: () => point(selected - 1), Enter: () => action && run(action) }[event.key];
    if (deed === undefined) return;
    event.preventDefault();
    deed();
  };

  return (
    <Spotlight.Root
      query={query}
      onQueryChange={(text) => {
        setQuery(text);
        setChosen(null);
      }}
      onSpotlightOpen={() => setOpen(true)}
      onSpotlightClose={() => setOpen(false)}
      shortcut="mod + K"
      tagsToIgnore={[]}
      triggerOnContentEditable
      transitionProps={{ duration: 0 }}
      overlayProps={{ transitionProps: { duration: 0 } }}
      attributes={{ content: { "aria-label": "Search" } }}
    >
      <Spotlight.Search
        placeholder="Pages, dashboards, metrics, alerts, targets, times"
        aria-label="Search"
        leftSection={<SearchIcon />}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={actions.length > 0}
        aria-controls={actions.length > 0 ? listId : undefined}
        aria-activedescendant={actions.length > 0 ? optionId(listId, selected) : undefined}
        onKeyDown={onKeyDown}
      />
      {actions.length > 0 && <PaletteList id={listId} actions={actions} selected={selected} point={point} run={run} />}
      {open && actions.length === 0 && (
        <p className={css.empty} role="status">
          {asking ? "Searching …" : "Nothing by that name"}
        </p>
      )}
      {failure !== null && (
        <p className={css.note} role="status">
          {failure}
        </p>
      )}
    </Spotlight.Root>
  );
}

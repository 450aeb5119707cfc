import { Link, useSearch } from "wouter";
import { withState, type ExploreState } from "./address";
import css from "./ResultTabs.module.css";

const tabs = [
  ["graph", "Graph"],
  ["table", "Table"],
] as const;

/** Two ways to look at the same queries; each has its address. */
export function ResultTabs({ state }: { state: ExploreState }) {
  const search = useSearch();
  return (
    <nav className={css.tabs} aria-label="Result">
      {tabs.map(([tab, label]) => (
        <Link
          key={tab}
          href={`/explore?${withState(new URLSearchParams(search), { ...state, tab }).toString()}`}
          className={css.tab ?? ""}
          {...(state.tab === tab ? { "aria-current": "true" as const } : {})}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}

import { useLocation } from "wouter";
import { rangeParams, type TimeRange } from "../time/range";
import css from "./Header.module.css";
import { LiveIndicator } from "./LiveIndicator";
import { Palette } from "./Palette";
import { RangePicker } from "./RangePicker";
import { SchemeMenu } from "./SchemeMenu";
import { SearchButton } from "./SearchButton";
import { ShortcutsButton } from "./ShortcutsButton";

export interface HeaderProps {
  readonly range: TimeRange;
  readonly setRange: (range: TimeRange) => void;
  readonly goLive: () => void;
}

/** The page's name, and on the right the time it shows. */
export function Header({ range, setRange, goLive }: HeaderProps) {
  const [path] = useLocation();
  return (
    <header className={css.header}>
      <h1 className={css.title}>{path === "/" ? "Overview" : "Daymark"}</h1>
      <div className={css.tools}>
        <SearchButton />
        <ShortcutsButton />
        <SchemeMenu />
        <RangePicker key={JSON.stringify(rangeParams(range))} range={range} setRange={setRange} />
        <LiveIndicator range={range} goLive={goLive} />
      </div>
      <Palette setRange={setRange} />
    </header>
  );
}

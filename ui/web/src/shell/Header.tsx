import { useState } from "react";
import type { PageEntry } from "../parts/pageEntry";
import { rangeParams, type TimeRange } from "../time/range";
import css from "./Header.module.css";
import { LiveIndicator } from "./LiveIndicator";
import { Palette } from "./Palette";
import { RangePicker } from "./RangePicker";
import { SchemeMenu } from "./SchemeMenu";
import { SearchButton } from "./SearchButton";
import { ShortcutSheet } from "./ShortcutSheet";
import { ShortcutsButton } from "./ShortcutsButton";
import { useGlobalShortcuts } from "./useGlobalShortcuts";

export interface HeaderProps {
  readonly pages: readonly PageEntry[];
  readonly here: PageEntry | null;
  readonly range: TimeRange;
  readonly setRange: (range: TimeRange) => void;
  readonly goLive: () => void;
}

/** The page's name, and on the right the time it shows. */
export function Header({ pages, here, range, setRange, goLive }: HeaderProps) {
  const [sheet, setSheet] = useState(false);
  const [time, setTime] = useState(false);
  const timeless = here?.timeless === true;
  useGlobalShortcuts(pages, { openTime: () => setTime(!timeless), openSheet: () => setSheet(true) });
  return (
    <header className={css.header}>
      <h1 className={css.title}>{here?.label ?? "Daymark"}</h1>
      <div className={css.tools}>
        <SearchButton />
        <ShortcutsButton open={() => setSheet(true)} />
        <SchemeMenu />
        {!timeless && <RangePicker key={JSON.stringify(rangeParams(range))} range={range} setRange={setRange} open={time} setOpen={setTime} />}
        <LiveIndicator range={timeless ? { kind: "live", windowMs: 0 } : range} goLive={goLive} />
      </div>
      <ShortcutSheet opened={sheet} close={() => setSheet(false)} />
      <Palette pages={pages} setRange={setRange} />
    </header>
  );
}

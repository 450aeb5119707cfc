import type { ReactNode, RefCallback } from "react";
import type { PageEntry } from "../parts/pageEntry";
import type { TimeRange } from "../time/range";
import { Bars } from "./Bars";
import { ErrorBoundary } from "./ErrorBoundary";
import { Header } from "./Header";
import { Rail } from "./Rail";
import css from "./Shell.module.css";

export interface ShellProps {
  readonly pages: readonly PageEntry[];
  /** The page that is shown; null where there is none. */
  readonly here: PageEntry | null;
  readonly range: TimeRange;
  readonly setRange: (range: TimeRange) => void;
  readonly goLive: () => void;
  readonly content: RefCallback<HTMLElement>;
  readonly children: ReactNode;
}

/** What surrounds every page. */
export function Shell({ pages, here, range, setRange, goLive, content, children }: ShellProps) {
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#content" onClick={skip}>
        Skip to content
      </a>
      <Rail pages={pages} here={here} />
      <div className={css.main}>
        <Header pages={pages} here={here} range={range} setRange={setRange} goLive={goLive} />
        <Bars />
        <main className={css.content} id="content" tabIndex={-1} ref={content}>
          <ErrorBoundary key={here?.path}>{children}</ErrorBoundary>
        </main>
      </div>
    </div>
  );
}

/** A fragment would be read against <base href>, which is another page than the one shown. */
function skip(event: { preventDefault: () => void }) {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

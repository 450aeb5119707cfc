import type { ReactNode, RefCallback } from "react";
import type { TimeRange } from "../time/range";
import { Bars } from "./Bars";
import { Header } from "./Header";
import { Rail } from "./Rail";
import css from "./Shell.module.css";

export interface ShellProps {
  readonly range: TimeRange;
  readonly setRange: (range: TimeRange | null) => void;
  readonly content: RefCallback<HTMLElement>;
  readonly children: ReactNode;
}

/** What surrounds every page. */
export function Shell({ range, setRange, content, children }: ShellProps) {
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#content" onClick={skip}>
        Skip to content
      </a>
      <Rail />
      <div className={css.main}>
        <Header range={range} setRange={setRange} />
        <Bars />
        <main className={css.content} id="content" tabIndex={-1} ref={content}>
          {children}
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

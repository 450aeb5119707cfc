import { useId, useRef, useState, useSyncExternalStore, type ReactNode } from "react";
import type { QueryError } from "../api/types";
import { TableIcon } from "../parts/icons";
import { useEscape } from "../parts/useEscape";
import { ErrorMark } from "./ErrorMark";
import type { Freshness } from "./freshness";
import { FreshnessMark } from "./FreshnessMark";
import { usePanelChrome } from "./PanelChrome";
import css from "./PanelFrame.module.css";
import { usePanelScope } from "./PanelScope";

export interface PanelFrameProps {
  readonly title: string;
  /** A few dim words after the title: what is counted, over what. */
  readonly note?: string | undefined;
  readonly freshness: Freshness;
  readonly error?: QueryError | null;
  /** What Show data opens; drawn only while it is open. */
  readonly table?: () => ReactNode;
  readonly children: ReactNode;
}

/** A panel's surface: its title, the age of its newest sample, and its data as a table on demand. */
export function PanelFrame({ title, note, freshness, error = null, table, children }: PanelFrameProps) {
  const heading = useId();
  const data = useId();
  const [open, setOpen] = useState(false);
  const toggle = useRef<HTMLButtonElement>(null);
  const body = useRef<HTMLDivElement>(null);
  useEscape(open, () => {
    // What held the focus goes away.
    if (body.current?.contains(document.activeElement)) toggle.current?.focus();
    setOpen(false);
  });
  const { cursor } = usePanelScope();
  const { fill, description, menu } = usePanelChrome();
  const pointed = useSyncExternalStore(cursor.listen, cursor.get);
  return (
    <section className={css.panel} aria-labelledby={heading} data-open={open} data-fill={fill || undefined}>
      <header className={css.head}>
        <h3 className={css.title} id={heading} title={description === "" ? title : description}>
          {title}
        </h3>
        {note !== undefined && <span className={css.note}>{note}</span>}
        <span className={css.right}>
          <span className={css.tools}>
            {table !== undefined && (
              <button
                ref={toggle}
                type="button"
                className={css.toggle}
                aria-expanded={open}
                aria-controls={data}
                aria-label={`Show data: ${title}`}
                title="Show data"
                onClick={() => setOpen(!open)}
              >
                <TableIcon />
              </button>
            )}
            {menu}
          </span>
          {error !== null && <ErrorMark error={error} />}
          <FreshnessMark freshness={pointed === null || freshness.kind === "unknown" ? freshness : { kind: "at", ms: pointed }} />
        </span>
      </header>
      {(!fill || !open) && children}
      {table !== undefined && (
        <div ref={body} id={data} className={css.data} hidden={!open}>
          {open && table()}
        </div>
      )}
    </section>
  );
}

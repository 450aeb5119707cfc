import { useState } from "react";
import css from "./Legend.module.css";
import { usePanelChrome } from "./PanelChrome";
import type { NamedLine } from "./series";
import { Swatch } from "./Swatch";

const shown = 12;

export interface LegendProps {
  readonly lines: readonly NamedLine[];
  /** What stands beside each name: the newest value, or the one that the page points at. */
  readonly values: readonly string[];
}

/** The series of a panel by name, colour and value. */
export function Legend({ lines, values }: LegendProps) {
  const [all, setAll] = useState(false);
  const { fill } = usePanelChrome();
  const listed = all ? lines : lines.slice(0, shown);
  return (
    <ul className={css.legend} aria-label="Series" tabIndex={fill && lines.length > 2 ? 0 : undefined}>
      {listed.map(({ key, name, ink }, i) => (
        <li key={key} className={css.item}>
          <Swatch ink={ink} />
          <span className={css.name} title={name}>
            {name}
          </span>
          <span className={css.value}>{values[i]}</span>
        </li>
      ))}
      {lines.length > listed.length && (
        <li>
          <button type="button" className={css.more} onClick={() => setAll(true)}>
            and {lines.length - listed.length} more
          </button>
        </li>
      )}
    </ul>
  );
}

import { useState, type ReactNode } from "react";
import { formatCount } from "../units/format";
import css from "./Capped.module.css";

export interface CappedProps {
  readonly items: readonly ReactNode[];
  readonly first: number;
  /** How many there are beyond items, that the server did not send. */
  readonly beyond?: number;
  readonly label: string;
}

/** A list that shows its first items, and the others when asked. */
export function Capped({ items, first, beyond = 0, label }: CappedProps) {
  const [all, setAll] = useState(false);
  const rest = items.length - first;
  const cut = !all && rest > 0;
  return (
    <>
      <ul className={css.list} aria-label={label}>
        {cut ? items.slice(0, first) : items}
      </ul>
      {cut && (
        <button type="button" className={css.more} onClick={() => setAll(true)}>
          and {formatCount(rest + beyond)} more
        </button>
      )}
      {!cut && beyond > 0 && <p className={css.beyond}>and {formatCount(beyond)} more that are not listed</p>}
    </>
  );
}

import { useState, type ReactNode } from "react";
import { formatCount } from "../units/format";
import css from "./Stepped.module.css";

export interface SteppedProps {
  readonly items: readonly ReactNode[];
  /** How many more each press of the button shows. */
  readonly step: number;
  /** How many there are beyond items, that the server did not send. */
  readonly beyond?: number;
  readonly label: string;
}

/** A long list, so many at a time; it says how many it does not show. */
export function Stepped({ items, step, beyond = 0, label }: SteppedProps) {
  const [shown, setShown] = useState(step);
  const rest = items.length - shown;
  return (
    <>
      <ul className={css.list} aria-label={label}>
        {rest > 0 ? items.slice(0, shown) : items}
      </ul>
      {rest > 0 && (
        <button type="button" className={css.more} onClick={() => setShown(shown + step)}>
          Show {formatCount(Math.min(step, rest))} more of {formatCount(rest + beyond)}
        </button>
      )}
      {rest <= 0 && beyond > 0 && <p className={css.beyond}>and {formatCount(beyond)} more that are not listed</p>}
    </>
  );
}

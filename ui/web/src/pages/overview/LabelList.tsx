import { useState } from "react";
import type { Labels } from "../../api/types";
import css from "./LabelList.module.css";

const shown = 8;

/** Labels as text, by name, the first of many until asked; long values are cut and whole in the title. */
export function LabelList({ labels, without = [] }: { labels: Labels; without?: readonly string[] }) {
  const [all, setAll] = useState(false);
  const names = Object.keys(labels).filter((name) => !without.includes(name)).sort();
  if (names.length === 0) return null;
  return (
    <ul className={css.labels} aria-label="Labels">
      {(all ? names : names.slice(0, shown)).map((name) => {
        const text = `${name}="${labels[name] ?? ""}"`;
        return (
          <li key={name} className={css.label} title={text}>
            {text}
          </li>
        );
      })}
      {names.length > shown && (
        <li>
          <button type="button" className={css.more} aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? "fewer" : `and ${names.length - shown} more`}
          </button>
        </li>
      )}
    </ul>
  );
}

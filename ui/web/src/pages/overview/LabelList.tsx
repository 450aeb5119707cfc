import type { Labels } from "../../api/types";
import css from "./LabelList.module.css";

const shown = 12;

/** Labels as text, by name; long values are cut and whole in the title. */
export function LabelList({ labels, without = [] }: { labels: Labels; without?: readonly string[] }) {
  const names = Object.keys(labels).filter((name) => !without.includes(name)).sort();
  if (names.length === 0) return null;
  return (
    <ul className={css.labels} aria-label="Labels">
      {names.slice(0, shown).map((name) => {
        const text = `${name}="${labels[name] ?? ""}"`;
        return (
          <li key={name} className={css.label} title={text}>
            {text}
          </li>
        );
      })}
      {names.length > shown && <li className={css.more}>and {names.length - shown} more</li>}
    </ul>
  );
}

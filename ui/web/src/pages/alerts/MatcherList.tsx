import { printMatcher, type Matcher } from "../../matchers/matcher";
import css from "../overview/LabelList.module.css";

/** Matchers as text, as Alertmanager prints them; long ones are cut and whole in the title. */
export function MatcherList({ matchers }: { matchers: readonly Matcher[] }) {
  return (
    <ul className={css.labels} aria-label="Matchers">
      {matchers.map((matcher, i) => {
        const text = printMatcher(matcher);
        return (
          <li key={i} className={css.label} title={text}>
            {text}
          </li>
        );
      })}
    </ul>
  );
}

import type { QueryError } from "../api/types";
import { SeverityGlyph } from "../parts/SeverityGlyph";
import { errorWords } from "./errorWords";
import css from "./FreshnessMark.module.css";

/** Says that the last evaluation failed while older points are still shown. */
export function ErrorMark({ error }: { error: QueryError }) {
  const { title, next } = errorWords(error);
  return (
    <span className={css.stale} title={`${title}: ${error.message} ${next}`.trim()}>
      <SeverityGlyph tone="warning" size={10} /> {title.toLowerCase()}
    </span>
  );
}

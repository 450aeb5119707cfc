import type { ReactNode } from "react";
import { SeverityGlyph, type Tone } from "./SeverityGlyph";
import css from "./Empty.module.css";

/** Nothing is here: what that means, and the next step. */
export function Empty({ tone, title, children }: { tone: Tone; title: string; children?: ReactNode }) {
  return (
    <div className={css.empty}>
      <SeverityGlyph tone={tone} size={18} />
      <div className={css.body}>
        <p className={css.title}>{title}</p>
        {children}
      </div>
    </div>
  );
}

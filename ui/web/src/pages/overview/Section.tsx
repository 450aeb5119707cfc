import { useId, type ReactNode } from "react";
import css from "./Section.module.css";

/** A titled grid of panels: four small ones, then rows of three, or of two where there are four. */
export function Section({ title, note, pairs = false, children }: { title: string; note?: string; pairs?: boolean; children: ReactNode }) {
  const heading = useId();
  return (
    <section className={css.section} aria-labelledby={heading}>
      <header className={css.head}>
        <h2 className={css.title} id={heading}>
          {title}
        </h2>
        {note !== undefined && (
          <span className={css.note} title={note}>
            {note}
          </span>
        )}
      </header>
      <div className={pairs ? `${css.grid ?? ""} ${css.pairs ?? ""}` : css.grid}>{children}</div>
    </section>
  );
}

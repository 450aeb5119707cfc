import { useId, type ReactNode } from "react";
import css from "./Section.module.css";

/** A titled grid of panels. */
export function Section({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
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
      <div className={css.grid}>{children}</div>
    </section>
  );
}

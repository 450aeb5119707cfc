import { useId, type ReactNode } from "react";
import css from "./Card.module.css";

export interface CardProps {
  readonly title: ReactNode;
  /** Beside the title: a count, a word. */
  readonly aside?: ReactNode;
  readonly id?: string;
  readonly children: ReactNode;
}

/** A titled surface: a region of the page by its name. */
export function Card({ title, aside, id, children }: CardProps) {
  const heading = useId();
  return (
    <section className={css.card} aria-labelledby={heading} {...(id === undefined ? {} : { id, tabIndex: -1 })}>
      <header className={css.head}>
        <h2 className={css.title} id={heading}>
          {title}
        </h2>
        {aside !== undefined && <span className={css.aside}>{aside}</span>}
      </header>
      {children}
    </section>
  );
}

import { useId, useState, type ReactNode } from "react";
import css from "./Disclosure.module.css";
import { SeverityGlyph, type Tone } from "./SeverityGlyph";

export interface DisclosureProps {
  readonly tone: Tone;
  readonly summary: ReactNode;
  /** What the button says. */
  readonly action: string;
  readonly children: ReactNode;
}

/** One line of notice, with its explanation on demand. */
export function Disclosure({ tone, summary, action, children }: DisclosureProps) {
  const [open, setOpen] = useState(false);
  const body = useId();
  return (
    <div className={css.notice}>
      <p className={css.line}>
        <SeverityGlyph tone={tone} size={12} /> {summary}{" "}
        <button type="button" className={css.action} aria-expanded={open} aria-controls={body} onClick={() => setOpen(!open)}>
          {action}
        </button>
      </p>
      <div id={body} className={css.body} hidden={!open}>
        {children}
      </div>
    </div>
  );
}

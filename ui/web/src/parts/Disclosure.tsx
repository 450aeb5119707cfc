import { useId, useRef, useState, type ReactNode } from "react";
import css from "./Disclosure.module.css";
import { SeverityGlyph, type Tone } from "./SeverityGlyph";
import { useEscape } from "./useEscape";

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
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const body = useRef<HTMLDivElement>(null);
  useEscape(open, () => {
    if (body.current?.contains(document.activeElement)) button.current?.focus();
    setOpen(false);
  });
  return (
    <div className={css.notice}>
      <p className={css.line}>
        <SeverityGlyph tone={tone} size={12} /> {summary}{" "}
        <button ref={button} type="button" className={css.action} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          {action}
        </button>
      </p>
      <div ref={body} id={id} className={css.body} hidden={!open}>
        {children}
      </div>
    </div>
  );
}

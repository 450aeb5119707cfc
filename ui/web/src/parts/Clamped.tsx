import { useEffect, useId, useRef, useState } from "react";
import css from "./Clamped.module.css";

export interface ClampedProps {
  readonly text: string;
  /** How many lines are shown before the rest is on demand. */
  readonly lines: number;
  readonly className?: string | undefined;
}

/** A text of any length in so many lines; where it does not fit, a button shows the rest. */
export function Clamped({ text, lines, className }: ClampedProps) {
  const id = useId();
  const paragraph = useRef<HTMLParagraphElement>(null);
  const [open, setOpen] = useState(false);
  const [cut, setCut] = useState(false);

  // Whether it fits depends on the width; an open text keeps its button.
  useEffect(() => {
    const element = paragraph.current;
    if (element === null || open) return;
    const measure = () => setCut(element.scrollHeight > element.clientHeight + 1);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [text, lines, open]);

  return (
    <div className={className}>
      <p id={id} ref={paragraph} className={open ? css.whole : css.clamped} style={open ? undefined : { WebkitLineClamp: lines }}>
        {text}
      </p>
      {cut && (
        <button type="button" className={css.more} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          {open ? "less" : "more"}
        </button>
      )}
    </div>
  );
}

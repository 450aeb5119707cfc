import { useEffect, useState } from "react";
import { copyText } from "./copyText";
import css from "./actions.module.css";

const shownMs = 2000;

export interface CopyButtonProps {
  /** A function where it is long and made only when it is asked for. */
  readonly text: string | (() => string);
  /** What is copied, for those who do not see it: "Copy the error of web-1". */
  readonly label: string;
  /** What the button says. */
  readonly word?: string;
}

/** Copies a text, and says whether that worked. */
export function CopyButton({ text, label, word = "Copy" }: CopyButtonProps) {
  const [done, setDone] = useState<boolean | null>(null);
  useEffect(() => {
    if (done === null) return;
    const timer = setTimeout(() => setDone(null), shownMs);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () => setDone(await copyText(typeof text === "string" ? text : text()));
  return (
    <button type="button" className={css.text} aria-label={done === null ? label : done ? "Copied" : "Not allowed here"} onClick={() => void copy()}>
      {done === null ? word : done ? "Copied" : "Not allowed here"}
    </button>
  );
}

import { useEffect, useState } from "react";
import { copyText } from "./copyText";
import css from "./actions.module.css";

const shownMs = 2000;

export interface CopyButtonProps {
  readonly text: string;
  /** What is copied, for those who do not see it: "Copy the error of web-1". */
  readonly label: string;
}

/** Copies a text, and says whether that worked. */
export function CopyButton({ text, label }: CopyButtonProps) {
  const [done, setDone] = useState<boolean | null>(null);
  useEffect(() => {
    if (done === null) return;
    const timer = setTimeout(() => setDone(null), shownMs);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () => setDone(await copyText(text));
  return (
    <button type="button" className={css.text} aria-label={done === null ? label : done ? "Copied" : "Not allowed here"} onClick={() => void copy()}>
      {done === null ? "Copy" : done ? "Copied" : "Not allowed here"}
    </button>
  );
}

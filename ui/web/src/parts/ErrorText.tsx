import { Clamped } from "./Clamped";
import { CopyButton } from "./CopyButton";
import css from "./ErrorText.module.css";

export interface ErrorTextProps {
  readonly text: string;
  /** Whose error it is, for the copy button's name. */
  readonly of: string;
  readonly lines?: number;
}

/** An error as it was said, all of it: the first lines, the rest on demand, and a way to copy it. */
export function ErrorText({ text, of, lines = 3 }: ErrorTextProps) {
  return (
    <div className={css.error}>
      <Clamped className={css.text} text={text} lines={lines} />
      <CopyButton text={text} label={`Copy the error of ${of}`} />
    </div>
  );
}

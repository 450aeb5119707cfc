import { CopyButton } from "./CopyButton";
import css from "./CodeLines.module.css";

/** Lines to put into a file, with a way to copy them. */
export function CodeLines({ label, text }: { label: string; text: string }) {
  return (
    <div className={css.box}>
      <pre className={css.lines} tabIndex={0} aria-label={label}>
        {text}
      </pre>
      <div className={css.copy}>
        <CopyButton text={text} label={`Copy: ${label}`} />
      </div>
    </div>
  );
}

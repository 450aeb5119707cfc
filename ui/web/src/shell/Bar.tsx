import type { ReactNode } from "react";
import { SeverityGlyph, type Tone } from "../parts/SeverityGlyph";
import css from "./Bar.module.css";

export interface BarProps {
  readonly tone: Tone;
  readonly action?: { readonly label: string; readonly run: () => void };
  readonly children: ReactNode;
}

/** One quiet line above the page. */
export function Bar({ tone, action, children }: BarProps) {
  return (
    <div className={css.bar} role="status">
      <SeverityGlyph tone={tone} size={12} />
      <span>{children}</span>
      {action !== undefined && (
        <button type="button" className={css.action} onClick={action.run}>
          {action.label}
        </button>
      )}
    </div>
  );
}

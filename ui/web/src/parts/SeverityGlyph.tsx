import css from "./SeverityGlyph.module.css";

/** What a state means to the reader; each has a colour, a shape and a word. */
export type Tone = "critical" | "warning" | "info" | "healthy" | "none";

export const toneWords: Readonly<Record<Tone, string>> = {
  critical: "critical",
  warning: "warning",
  info: "info",
  healthy: "healthy",
  none: "no severity",
};

function Shape({ tone }: { tone: Tone }) {
  switch (tone) {
    case "critical":
      return <path d="M8 1.8 15 14.2H1Z" fill="currentColor" stroke="currentColor" strokeLinejoin="round" />;
    case "warning":
      return <path d="M8 .9 15.1 8 8 15.1.9 8Z" fill="currentColor" stroke="currentColor" strokeLinejoin="round" />;
    case "info":
      return <circle cx="8" cy="8" r="6.5" fill="currentColor" />;
    case "healthy":
      return <circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" strokeWidth="2.4" />;
    case "none":
      return <rect x="2.6" y="2.6" width="10.8" height="10.8" rx="2" fill="none" stroke="currentColor" strokeWidth="2" />;
    default:
      return tone satisfies never;
  }
}

/** The shape of a severity. The word stands beside it wherever it is used. */
export function SeverityGlyph({ tone, size = 14 }: { tone: Tone; size?: number }) {
  return (
    <svg className={`${css.glyph ?? ""} ${css[tone] ?? ""}`} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <Shape tone={tone} />
    </svg>
  );
}

import css from "./Arc.module.css";

export interface ArcProps {
  /** 0 to 1; null while unknown. */
  readonly share: number | null;
  readonly tone: "normal" | "healthy" | "info" | "warning" | "critical";
  /** Where the tones begin, as small marks on the rim. */
  readonly marks: readonly number[];
}

const size = 96;
const radius = 40;
const sweep = 250;

function point(share: number, r: number): string {
  const angle = ((share * sweep - sweep / 2 - 90) * Math.PI) / 180;
  return `${(size / 2 + r * Math.cos(angle)).toFixed(2)} ${(size / 2 + r * Math.sin(angle)).toFixed(2)}`;
}

function arc(share: number): string {
  const large = share * sweep > 180 ? 1 : 0;
  return `M${point(0, radius)}A${radius} ${radius} 0 ${large} 1 ${point(share, radius)}`;
}

/** A dial: how much of the whole. The panel around it says so in words. */
export function Arc({ share, tone, marks }: ArcProps) {
  const filled = Math.min(1, Math.max(0, share ?? 0));
  return (
    <svg className={css.arc} viewBox={`0 0 ${size} ${size - 14}`} aria-hidden="true">
      <path className={css.rim} d={arc(1)} />
      {filled > 0.004 && <path className={css[tone]} d={arc(filled)} />}
      {marks.map((mark) => (
        <path key={mark} className={css.mark} d={`M${point(mark, radius - 4)}L${point(mark, radius + 4)}`} />
      ))}
    </svg>
  );
}

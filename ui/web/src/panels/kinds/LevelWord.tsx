import { SeverityGlyph, toneWords } from "../../parts/SeverityGlyph";
import type { LevelTone } from "../model/field";

/** What a value means, as glyph and word; nothing while it is normal. */
export function LevelWord({ tone }: { tone: LevelTone }) {
  if (tone === "normal") return null;
  return (
    <>
      <SeverityGlyph tone={tone} size={11} /> {toneWords[tone]}
    </>
  );
}

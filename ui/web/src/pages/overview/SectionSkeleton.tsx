import { PanelFrame } from "../../panels/PanelFrame";
import { PanelMessage } from "../../panels/PanelMessage";
import { Section } from "./Section";

const heights = [84, 84, 84, 84, 194, 194, 194, 194, 194, 194];

/** Where the panels will stand, before it is known which. */
export function SectionSkeleton() {
  return (
    <Section title="Loading">
      {heights.map((height, i) => (
        <PanelFrame key={i} title=" " freshness={{ kind: "unknown" }}>
          <PanelMessage height={height} state={{ kind: "loading" }} />
        </PanelFrame>
      ))}
    </Section>
  );
}

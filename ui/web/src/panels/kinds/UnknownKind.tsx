import { PanelFrame } from "../PanelFrame";
import css from "./UnknownKind.module.css";
import type { PanelTarget } from "./usePanelQueries";

/** A panel of a kind that is not drawn: it keeps its place and says what it would ask. */
export function UnknownKind({ title, type, targets }: { title: string; type: string; targets: readonly PanelTarget[] }) {
  return (
    <PanelFrame title={title} freshness={{ kind: "unknown" }}>
      <div className={css.note} tabIndex={0} role="region" aria-label={`${title}: not drawn yet`}>
        <p>
          Not drawn yet: panels of type <code>{type}</code>.
        </p>
        {targets.length > 0 && (
          <>
            <p>What it asks can be seen in Explore:</p>
            <ul>
              {targets.map(({ expr }, i) => (
                <li key={i}>
                  <code>{expr}</code>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </PanelFrame>
  );
}

import { useServerNow } from "../../live/useLive";
import { Moment } from "../../parts/Moment";
import { SeverityGlyph } from "../../parts/SeverityGlyph";
import css from "./ReloadFailed.module.css";

/** Says that the configuration file could not be taken over, and that the old one is still in force. */
export function ReloadFailed({ error, atMs }: { error: string; atMs: number }) {
  const nowMs = useServerNow();
  return (
    <div className={css.box} role="alert">
      <SeverityGlyph tone="warning" />
      <div>
        <p>
          <strong>The last reload failed, the configuration from before is in force.</strong>{" "}
          <span className={css.at}>
            <Moment ms={atMs} nowMs={nowMs} />
          </span>
        </p>
        <code className={css.error}>{error}</code>
      </div>
    </div>
  );
}

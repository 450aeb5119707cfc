import { SeverityGlyph } from "../../parts/SeverityGlyph";
import { DataTable } from "../../panels/DataTable";
import { level } from "../../panels/level";
import { PanelFrame } from "../../panels/PanelFrame";
import { PanelMessage } from "../../panels/PanelMessage";
import { nameLines } from "../../panels/series";
import { usePanelData, type PanelQuery } from "../../panels/usePanelData";
import { formatValue } from "../../units/format";
import { filesystems, type Filesystem } from "./filesystems";
import css from "./FilesystemsPanel.module.css";

const height = 194;
const limits = [0.85, 0.95] as const;

function Row({ one }: { one: Filesystem }) {
  const { tone, word } = level(one.share, limits);
  const share = Math.min(1, Math.max(0, one.share));
  const of = one.sizeBytes === null ? "" : ` of ${formatValue(one.sizeBytes, "bytes")}`;
  return (
    <li className={css.row}>
      <span className={css.place} title={`${one.mountpoint} on ${one.device}`}>
        {one.mountpoint}
        {one.also > 0 && <span className={css.also}> and {one.also} more</span>}
      </span>
      <span className={css.use}>
        {tone !== "normal" && (
          <>
            <SeverityGlyph tone={tone} size={10} /> {word}{" "}
          </>
        )}
        <strong>{formatValue(one.share, "ratio")}</strong>
        {of}
      </span>
      <span className={css.bar}>
        <span className={css[tone]} style={{ width: `${(share * 100).toFixed(1)}%` }} />
      </span>
    </li>
  );
}

/** How full each filesystem of this machine is. */
export function FilesystemsPanel({ queries }: { queries: readonly PanelQuery[] }) {
  const state = usePanelData(queries);
  const title = "Filesystems";
  if (state.status !== "ready") {
    return (
      <PanelFrame title={title} freshness={{ kind: "unknown" }}>
        <PanelMessage height={height} state={state.status === "failed" ? { kind: "failed", error: state.error } : { kind: "loading" }} />
      </PanelFrame>
    );
  }
  const { aligned, freshness } = state.data;
  const list = filesystems(aligned);
  const table = () => (
    <DataTable
      title={title}
      aligned={aligned}
      lines={nameLines(aligned, queries)}
      queries={queries}
      unit="ratio"
    />
  );
  return (
    <PanelFrame title={title} note="used" freshness={freshness} error={state.error} table={table}>
      {list.length === 0 ? (
        <PanelMessage height={height} state={{ kind: "empty", text: "No filesystem of this machine can be read from here." }} />
      ) : (
        <ul className={css.list} style={{ maxHeight: height }} tabIndex={0} aria-label="Filesystems, the fullest first">
          {list.map((one) => (
            <Row key={one.device} one={one} />
          ))}
        </ul>
      )}
    </PanelFrame>
  );
}

import { formatValue } from "../../units/format";
import type { Filesystem } from "./filesystems";
import css from "./FilesystemsPanel.module.css";

/** Which filesystem is the fullest, and what is left of it. */
export function Fullest({ fullest }: { fullest: Filesystem | undefined }) {
  if (fullest === undefined) return null;
  const { mountpoint, sizeBytes, share } = fullest;
  return (
    <>
      <p className={css.place} title={mountpoint}>
        {mountpoint}
      </p>
      {sizeBytes !== null && <p>{formatValue(sizeBytes * Math.max(0, 1 - share), "bytes")} free</p>}
    </>
  );
}

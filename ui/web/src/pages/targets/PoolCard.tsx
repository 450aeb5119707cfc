import { useId, useState } from "react";
import type { Pool } from "../../api/types";
import actions from "../../parts/actions.module.css";
import { Card } from "../../parts/Card";
import { SeverityGlyph } from "../../parts/SeverityGlyph";
import { Stepped } from "../../parts/Stepped";
import { counted, formatCount, formatValue } from "../../units/format";
import { DroppedTargets } from "./DroppedTargets";
import css from "./PoolCard.module.css";
import { unlisted } from "./targetFilter";
import { TargetRow } from "./TargetRow";

const step = 100;

function Counts({ pool }: { pool: Pool }) {
  const parts = [
    ...(pool.down > 0 ? [`${formatCount(pool.down)} down`] : []),
    ...(pool.up > 0 ? [`${formatCount(pool.up)} up`] : []),
    ...(pool.unknown > 0 ? [`${formatCount(pool.unknown)} not scraped yet`] : []),
  ];
  return (
    <>
      {parts.length === 0 ? "no targets" : parts.join(", ")} · every {formatValue(pool.intervalMs / 1000, "seconds")}
    </>
  );
}

/** One job: its targets, those in trouble first, and what was dropped. filtered: only some of its targets are asked for. */
export function PoolCard({ pool, filtered }: { pool: Pool; filtered: boolean }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const tone = pool.down > 0 ? "critical" : pool.up > 0 ? "healthy" : "none";
  return (
    <Card
      title={
        <span className={css.title}>
          <SeverityGlyph tone={tone} size={12} /> {pool.job}
        </span>
      }
      aside={<Counts pool={pool} />}
    >
      {pool.targets.length > 0 && (
        <Stepped
          label={`Targets of ${pool.job}`}
          step={step}
          beyond={filtered ? 0 : unlisted(pool)}
          items={pool.targets.map((target, i) => (
            <TargetRow key={`${target.url} ${target.instance} ${i}`} target={target} />
          ))}
        />
      )}
      {pool.targets.length === 0 && (
        <p className={css.none}>
          {unlisted(pool) > 0
            ? `${counted(unlisted(pool), "target")} that ${unlisted(pool) === 1 ? "is" : "are"} not listed: those in trouble come first.`
            : pool.dropped > 0
              ? "Discovery found targets, and the relabel rules dropped all of them."
              : "Discovery has found nothing for this job yet."}
        </p>
      )}
      {pool.dropped > 0 && (
        <div className={css.dropped}>
          <button type="button" className={actions.text} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
            {counted(pool.dropped, "target")} dropped before scraping
          </button>
          <div id={id} hidden={!open}>
            {open && <DroppedTargets job={pool.job} />}
          </div>
        </div>
      )}
    </Card>
  );
}

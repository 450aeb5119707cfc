import { Link } from "wouter";
import { useServerNow, useStatus, useTargets } from "../../live/useLive";
import actions from "../../parts/actions.module.css";
import { Capped } from "../../parts/Capped";
import { Card } from "../../parts/Card";
import { formatCount } from "../../units/format";
import { AddHost } from "./AddHost";
import { DownTarget } from "./DownTarget";
import { PoolRow } from "./PoolRow";
import css from "./TargetsCard.module.css";

const firstDown = 5;
const firstPools = 8;

/** What is scraped: the targets that are down with their errors, then every job. */
export function TargetsCard() {
  const targets = useTargets();
  const status = useStatus();
  const nowMs = useServerNow();
  if (targets === null || status === null) {
    return (
      <Card id="targets" title="Targets">
        <div className={css.skeleton} role="status" aria-label="Loading" />
      </Card>
    );
  }
  const down = targets.pools.flatMap((pool) =>
    pool.targets.filter((target) => target.health === "down").map((target) => ({ job: pool.job, target })),
  );
  const total = targets.up + targets.down + targets.unknown;
  return (
    <Card
      id="targets"
      title="Targets"
      aside={
        <Link className={actions.text ?? ""} href="/targets">
          {total === 0 ? "Targets" : `${formatCount(targets.up)} of ${formatCount(total)} up`}
        </Link>
      }
    >
      {down.length > 0 && (
        <div className={css.down}>
          <Capped
            label="Targets down"
            first={firstDown}
            beyond={Math.max(0, targets.down - down.length)}
            items={down.map(({ job, target }) => (
              <DownTarget key={`${job} ${target.url} ${target.instance}`} job={job} target={target} nowMs={nowMs} />
            ))}
          />
        </div>
      )}
      {total === 0 ? (
        <p className={css.empty}>
          {status.configFile === ""
            ? "Nothing is scraped yet. Daymark looks for exporters on this machine every few seconds."
            : `No target of ${status.configFile} has been found yet. Check its scrape_configs, and what discovery returns.`}
        </p>
      ) : (
        <Capped
          label="Jobs"
          first={firstPools}
          items={targets.pools.map((pool) => (
            <PoolRow key={pool.job} pool={pool} />
          ))}
        />
      )}
      {!status.host && <AddHost configFile={status.configFile} />}
    </Card>
  );
}

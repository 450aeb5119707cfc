import { NativeSelect, TextInput } from "@mantine/core";
import { useMemo } from "react";
import { useStatus, useTargets } from "../../live/useLive";
import actions from "../../parts/actions.module.css";
import { Choice } from "../../parts/Choice";
import { CodeLines } from "../../parts/CodeLines";
import { Empty } from "../../parts/Empty";
import { counted, formatCount } from "../../units/format";
import { useAddress } from "../../url/useAddress";
import { AddHost } from "../overview/AddHost";
import { ExportersCard } from "./ExportersCard";
import { PoolCard } from "./PoolCard";
import { filterPools, readHealth } from "./targetFilter";
import css from "./TargetsPage.module.css";

const lines = `scrape_configs:
  - job_name: shop
    static_configs:
      - targets: ["10.0.0.7:9100", "10.0.0.8:9100"]`;

/** What is scraped, by job: which can be, which cannot and why, and what was dropped. */
export function TargetsPage() {
  const targets = useTargets();
  const status = useStatus();
  const [params, change] = useAddress();
  const health = readHealth(params.get("health"));
  const job = params.get("job") ?? "";
  const search = params.get("search") ?? "";
  const pools = useMemo(() => (targets === null ? [] : filterPools(targets, { health, job, search })), [targets, health, job, search]);

  if (targets === null || status === null) return <div className={css.skeleton} role="status" aria-label="Loading" />;
  const all = targets.up + targets.down + targets.unknown;
  const filtered = health !== null || search !== "";
  const jobs = targets.pools.map((pool) => pool.job);
  return (
    <div className={css.page}>
      <div className={css.tools}>
        <Choice
          label="Health"
          options={[
            { value: "", label: "All", count: all },
            { value: "up", label: "Up", count: targets.up },
            { value: "down", label: "Down", count: targets.down },
            { value: "unknown", label: "Not scraped yet", count: targets.unknown },
          ]}
          value={health ?? ""}
          choose={(value) => change({ health: value })}
        />
        <TextInput
          className={css.search ?? ""}
          aria-label="Search"
          placeholder="Instance, label or error"
          value={search}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => change({ search: event.currentTarget.value })}
        />
        <NativeSelect
          className={css.job ?? ""}
          aria-label="Job"
          value={job}
          data={[
            { value: "", label: "All jobs" },
            ...(job === "" || jobs.includes(job) ? jobs : [job, ...jobs]).map((name) => ({ value: name, label: name })),
          ]}
          onChange={(event) => change({ job: event.currentTarget.value })}
        />
      </div>
      {targets.pools.length === 0 && (
        <Empty tone="info" title="No targets yet.">
          <p>
            {status.host ? "Daymark is watching this machine. " : ""}
            {status.configFile === "" ? (
              <>Add a target: write these lines into a file and start Daymark with <code>--config.file</code> and its name.</>
            ) : (
              <>
                Add a target to <code>{status.configFile}</code> and reload (SIGHUP, or POST to <code>/-/reload</code>):
              </>
            )}
          </p>
          <CodeLines label="The lines that add a target" text={lines} />
        </Empty>
      )}
      {targets.pools.length > 0 && pools.length === 0 && (
        <Empty tone="none" title={job !== "" && !jobs.includes(job) ? `There is no job ${job}.` : "No target matches."}>
          <p>
            {counted(all, "target")} {all === 1 ? "is" : "are"} hidden by the filter.{" "}
            <button type="button" className={actions.text} onClick={() => change({ health: null, job: null, search: null })}>
              Show all
            </button>
          </p>
        </Empty>
      )}
      {pools.map((pool) => (
        <PoolCard key={pool.job} pool={pool} filtered={filtered} />
      ))}
      {targets.truncated > 0 && (
        <p className={css.beyond}>
          {counted(targets.truncated, "more target")} {targets.truncated === 1 ? "is" : "are"} not listed: of {formatCount(all)}, those in trouble come
          first{filtered ? ", and the filter sees only what is listed" : ""}.
        </p>
      )}
      <ExportersCard />
      {!status.host && targets.pools.length > 0 && <AddHost configFile={status.configFile} />}
    </div>
  );
}

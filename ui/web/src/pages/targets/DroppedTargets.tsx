import { fetchDropped, type DroppedTarget } from "../../api/dropped";
import { failureWords } from "../../api/request";
import { usePolled } from "../../api/usePolled";
import { ErrorText } from "../../parts/ErrorText";
import { Stepped } from "../../parts/Stepped";
import { LabelList } from "../overview/LabelList";
import css from "./PoolCard.module.css";

const step = 20;

/** What every target of a job has alike: how it would have been scraped. */
const settings = /^__(?:scrape_|always_|convert_|scheme__|metrics_path__|param_)/;

function Drop({ target }: { target: DroppedTarget }) {
  const address = target.address === "" ? (target.labels.__address__ ?? "(no address)") : target.address;
  return (
    <li className={css.drop}>
      <p>
        <span className={css.address}>{address}</span>{" "}
        <span className={css.why}>
          {target.rule > 0 ? `dropped by relabel rule ${target.rule}, action ${target.action}` : target.reason}
        </span>
      </p>
      {target.ruleYaml !== "" && (
        <pre className={css.rule} tabIndex={0} aria-label={`Rule that dropped ${address}`}>
          {target.ruleYaml.trim()}
        </pre>
      )}
      <LabelList labels={target.labels} without={Object.keys(target.labels).filter((name) => settings.test(name))} />
    </li>
  );
}

/** What discovery returned for a job and was not taken, each with the rule that dropped it. */
export function DroppedTargets({ job }: { job: string }) {
  const dropped = usePolled(["dropped", job], (signal) => fetchDropped(job, signal));
  if (dropped.data === undefined) {
    return dropped.isError ? <ErrorText of={`what ${job} dropped`} text={failureWords(dropped.error)} /> : <p className={css.none}>Being read.</p>;
  }
  const { targets, listed, dropped: all } = dropped.data;
  return (
    <Stepped
      label={`Dropped targets of ${job}`}
      step={step}
      beyond={Math.max(0, all - listed)}
      items={targets.map((target, i) => (
        <Drop key={i} target={target} />
      ))}
    />
  );
}

import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { fetchExisting } from "../../api/dashboards";
import { targetHref } from "../../url/links";
import { metricNames } from "../model/names";
import css from "./NoData.module.css";

const listed = 4;

/** Why a panel is empty: metrics that do not exist yet, or only nothing in this range. */
export function NoData({ exprs, noValue }: { exprs: readonly string[]; noValue: string | undefined }) {
  const names = [...new Set(exprs.flatMap(metricNames))].sort();
  const { data } = useQuery({
    queryKey: ["existing metrics", names],
    queryFn: ({ signal }) => fetchExisting(names, signal),
    enabled: names.length > 0 && noValue === undefined,
    refetchInterval: 15_000,
  });
  if (noValue !== undefined) return <span>{noValue}</span>;
  const missing = data === undefined ? [] : names.filter((name) => !data.includes(name));
  if (missing.length === 0) return <span>No data in this range.</span>;
  return (
    <span className={css.text}>
      <span>No data: {missing.length === 1 ? "this metric does not" : "these metrics do not"} exist yet:</span>
      <span className={css.names}>
        {missing.slice(0, listed).map((name) => (
          <code key={name} title={name}>
            {name}
          </code>
        ))}
        {missing.length > listed && <span>and {missing.length - listed} more</span>}
      </span>
      <Link href={targetHref()}>See what is scraped</Link>
    </span>
  );
}

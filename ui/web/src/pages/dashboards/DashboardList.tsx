import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearch, useLocation } from "wouter";
import { fetchDashboards } from "../../api/dashboards";
import { SearchIcon } from "../../parts/icons";
import { SeverityGlyph } from "../../parts/SeverityGlyph";
import { counted } from "../../units/format";
import { dashboardHref } from "../../url/links";
import { withParam } from "./address";
import css from "./DashboardList.module.css";
import { found, tagCounts } from "./search";

const first = 100;

/** Every dashboard, by title and tag. */
export function DashboardList() {
  const params = new URLSearchParams(useSearch());
  const [path, navigate] = useLocation();
  const [all, setAll] = useState(false);
  const { data, error, refetch } = useQuery({ queryKey: ["dashboards"], queryFn: ({ signal }) => fetchDashboards(signal) });
  const query = params.get("q") ?? "";
  const tag = params.get("tag") ?? "";
  const set = (name: string, value: string) => navigate(path + withParam(params, name, value === "" ? null : value), { replace: true });

  if (data === undefined) {
    return error === null ? (
      <ul className={css.list} role="status" aria-label="Loading the dashboards">
        {[0, 1, 2, 3].map((i) => (
          <li key={i} className={css.skeleton} />
        ))}
      </ul>
    ) : (
      <div className={css.empty} role="alert">
        <p>
          <SeverityGlyph tone="warning" /> The dashboards could not be read: {error.message}
        </p>
        <button type="button" className={css.action} onClick={() => void refetch()}>
          Try again
        </button>
      </div>
    );
  }
  const list = found(data, query, tag);
  const tags = tagCounts(data);
  const shown = all ? list : list.slice(0, first);
  return (
    <div className={css.page}>
      <div className={css.bar}>
        <label className={css.search}>
          <SearchIcon />
          <input type="search" value={query} placeholder="Title or tag" aria-label="Search dashboards" onChange={(event) => set("q", event.target.value)} />
        </label>
        <div className={css.tags} role="group" aria-label="Tags">
          {tags.slice(0, 12).map(([name, count]) => (
            <button key={name} type="button" className={css.tag} aria-pressed={name === tag} title={name} onClick={() => set("tag", name === tag ? "" : name)}>
              <span className={css.tagName}>{name}</span> <span className={css.tagCount}>{count}</span>
            </button>
          ))}
        </div>
        <span className={css.count} role="status">
          {counted(list.length, "dashboard")}
        </span>
      </div>
      {list.length === 0 && (
        <div className={css.empty}>
          <p>{data.length === 0 ? "There are no dashboards." : "No dashboard has these words or this tag."}</p>
          {data.length > 0 && (
            <button type="button" className={css.action} onClick={() => navigate(path, { replace: true })}>
              Show all {data.length}
            </button>
          )}
        </div>
      )}
      <ul className={css.list} aria-label="Dashboards">
        {shown.map(({ uid, title, description, tags: own, panels }) => (
          <li key={uid} className={css.card}>
            <Link className={css.link} href={dashboardHref(uid)}>
              {title}
            </Link>
            <p className={css.description} title={description}>
              {description}
            </p>
            <p className={css.about}>
              <span>{counted(panels, "panel")}</span>
              {own.length > 0 && <span className={css.own} title={own.join(", ")}>{own.join(" · ")}</span>}
            </p>
          </li>
        ))}
      </ul>
      {shown.length < list.length && (
        <button type="button" className={css.action} onClick={() => setAll(true)}>
          and {list.length - shown.length} more
        </button>
      )}
    </div>
  );
}

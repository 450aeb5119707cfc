import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { fetchDashboard } from "../../api/dashboards";
import { RequestError } from "../../api/client";
import { usePageTitle } from "../../parts/pageTitle";
import { SeverityGlyph } from "../../parts/SeverityGlyph";
import { withUsualTime } from "./address";
import { DashboardBody } from "./DashboardBody";
import css from "./DashboardPage.module.css";

/** One dashboard, by its uid. */
export function DashboardPage({ uid }: { uid: string }) {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const { data, error, refetch } = useQuery({
    queryKey: ["dashboard", uid],
    queryFn: ({ signal }) => fetchDashboard(uid, signal),
    staleTime: 60_000,
  });
  usePageTitle(data === undefined || data.title === "" ? null : data.title);
  const usual = data === undefined ? null : withUsualTime(new URLSearchParams(search), data);
  useEffect(() => {
    if (usual !== null) navigate(path + usual, { replace: true });
  }, [usual, path, navigate]);

  if (data !== undefined) return <DashboardBody key={uid} dashboard={data} params={new URLSearchParams(search)} />;
  if (error !== null) {
    const gone = error instanceof RequestError && error.query.kind !== "unavailable";
    return (
      <div className={css.note} role="alert">
        <p>
          <SeverityGlyph tone="warning" /> {gone ? "This dashboard cannot be shown." : "Daymark did not answer."}
        </p>
        <p>{error.message}</p>
        <p>
          {!gone && (
            <button type="button" className={css.tool} onClick={() => void refetch()}>
              Try again
            </button>
          )}{" "}
          <Link className={css.tool} href="/dashboards">
            All dashboards
          </Link>
        </p>
      </div>
    );
  }
  return (
    <div className={css.page} role="status" aria-label="Loading the dashboard">
      <div className={css.title} />
      <div className={css.grid}>
        {[0, 6, 12, 18].map((x) => (
          <div key={x} className={css.skeleton} style={{ "--x": x + 1, "--w": 6, "--y": 1, "--h": 4 }} />
        ))}
        {[0, 12].map((x) => (
          <div key={x} className={css.skeleton} style={{ "--x": x + 1, "--w": 12, "--y": 5, "--h": 8 }} />
        ))}
      </div>
    </div>
  );
}

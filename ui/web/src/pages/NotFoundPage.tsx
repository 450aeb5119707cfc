import { Link, useLocation } from "wouter";
import { apiUrl } from "../api/client";
import css from "./NotFoundPage.module.css";

/** Pages of Prometheus that Daymark does not draw, and where their data is. */
const theirs: Readonly<Record<string, { readonly what: string; readonly api: readonly string[] }>> = {
  "/status": { what: "Build and runtime", api: ["api/v1/status/runtimeinfo", "api/v1/status/buildinfo"] },
  "/flags": { what: "Command line", api: ["api/v1/status/flags"] },
  "/config": { what: "Configuration", api: ["api/v1/status/config"] },
  "/tsdb-status": { what: "Series storage", api: ["api/v1/status/tsdb"] },
  "/alertmanager-discovery": { what: "Alertmanagers", api: ["api/v1/alertmanagers"] },
};

/** What stands where there is no page. */
export function NotFoundPage() {
  const [path] = useLocation();
  const known = theirs[path];
  if (known !== undefined) {
    return (
      <div className={css.page}>
        <h2>{known.what}: as data only</h2>
        <p>Prometheus has a page at this address. Daymark does not draw it, and answers with the same data:</p>
        <ul className={css.list}>
          {known.api.map((api) => (
            <li key={api}>
              <a href={apiUrl(api).href}>
                <code>/{api}</code>
              </a>
            </li>
          ))}
        </ul>
        <Link href="/">Go to Overview</Link>
      </div>
    );
  }
  return (
    <div className={css.page}>
      <h2>There is no page here</h2>
      <p>The address may be mistyped, or belong to another version of Daymark.</p>
      <Link href="/">Go to Overview</Link>
    </div>
  );
}

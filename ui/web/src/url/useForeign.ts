import { useEffect, useSyncExternalStore } from "react";
import { useLocation, useSearch } from "wouter";
import { foreignHref } from "./foreign";

function listen(changed: () => void): () => void {
  window.addEventListener("hashchange", changed);
  window.addEventListener("popstate", changed);
  return () => {
    window.removeEventListener("hashchange", changed);
    window.removeEventListener("popstate", changed);
  };
}

/**
 * Leads an address that Prometheus or Alertmanager made to its page: exists says whether there is one, otherwise
 * Overview is. Returns whether it is on the way there, when there is nothing to draw.
 */
export function useForeign(exists: (path: string) => boolean): boolean {
  const [path, navigate] = useLocation();
  const search = useSearch();
  const hash = useSyncExternalStore(listen, () => window.location.hash);
  const found = foreignHref({ path, search, hash });
  const href = found === null || exists(found.split("?", 1)[0] ?? found) ? found : "/";
  useEffect(() => {
    if (href !== null) navigate(href, { replace: true });
  }, [href, navigate]);
  return href !== null;
}

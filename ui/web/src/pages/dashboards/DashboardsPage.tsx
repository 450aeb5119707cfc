import { useLocation } from "wouter";
import { DashboardList } from "./DashboardList";
import { DashboardPage } from "./DashboardPage";

/** The list of dashboards, and each of them: /dashboards, /d/UID and /d/UID/SLUG. */
export function DashboardsPage() {
  const [path] = useLocation();
  const [, uid] = /^\/d\/([^/]+)/.exec(path) ?? [];
  return uid === undefined ? <DashboardList /> : <DashboardPage key={uid} uid={decodeURIComponent(uid)} />;
}

import { lazy } from "react";
import { AlertsIcon, DashboardsIcon, ExploreIcon, OverviewIcon, TargetsIcon } from "../parts/icons";
import type { PageEntry } from "../parts/pageEntry";

/** The pages that exist, in the order of the rail. Routes, rail, palette, shortcuts and the "?" sheet read this list. */
export const pages: readonly PageEntry[] = [
  {
    path: "/",
    label: "Overview",
    shortcut: "g o",
    icon: OverviewIcon,
    routes: ["/", "/index.html"],
    Page: lazy(() => import("./overview/OverviewPage").then((page) => ({ default: page.OverviewPage }))),
    keywords: ["home", "start", "now"],
  },
  {
    path: "/dashboards",
    label: "Dashboards",
    shortcut: "g d",
    icon: DashboardsIcon,
    routes: ["/dashboards", "/d/:uid", "/d/:uid/:slug"],
    Page: lazy(() => import("./dashboards/DashboardsPage").then((page) => ({ default: page.DashboardsPage }))),
    keywords: ["boards", "panels", "grafana", "this machine", "payment", "http services"],
  },
  {
    path: "/explore",
    label: "Explore",
    shortcut: "g e",
    icon: ExploreIcon,
    routes: ["/explore"],
    Page: lazy(() => import("./explore/ExplorePage").then((page) => ({ default: page.ExplorePage }))),
    keywords: ["query", "promql", "graph", "metrics", "table"],
  },
  {
    path: "/alerts",
    label: "Alerts",
    shortcut: "g a",
    icon: AlertsIcon,
    routes: ["/alerts", "/alerts/*?"],
    Page: lazy(() => import("./alerts/AlertsPage").then((page) => ({ default: page.AlertsPage }))),
    keywords: ["firing", "rules", "silences", "receivers", "packs"],
    timeless: true,
    counts: "firing",
  },
  {
    path: "/targets",
    label: "Targets",
    shortcut: "g t",
    icon: TargetsIcon,
    routes: ["/targets"],
    Page: lazy(() => import("./targets/TargetsPage").then((page) => ({ default: page.TargetsPage }))),
    keywords: ["scrape", "jobs", "exporters", "discovery", "dropped"],
    timeless: true,
  },
];

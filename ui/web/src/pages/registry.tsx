import { lazy, type ComponentType } from "react";
import { AlertsIcon, DashboardsIcon, ExploreIcon, OverviewIcon, TargetsIcon } from "../parts/icons";
import type { PageEntry } from "../parts/pageEntry";

/** A page whose code is loaded when it is first shown, or ahead of that together with what the page itself loads later. */
function drawn(code: () => Promise<ComponentType>, later?: () => Promise<unknown>): Pick<PageEntry, "load" | "Page"> {
  return { load: () => Promise.all([code(), later?.()]), Page: lazy(() => code().then((Page) => ({ default: Page }))) };
}

/** The pages that exist, in the order of the rail. Routes, rail, palette, shortcuts and the "?" sheet read this list. */
export const pages: readonly PageEntry[] = [
  {
    path: "/",
    label: "Overview",
    shortcut: "g o",
    icon: OverviewIcon,
    routes: ["/", "/index.html"],
    ...drawn(() => import("./overview/OverviewPage").then((page) => page.OverviewPage)),
    keywords: ["home", "start", "now"],
  },
  {
    path: "/dashboards",
    label: "Dashboards",
    shortcut: "g d",
    icon: DashboardsIcon,
    routes: ["/dashboards", "/d/:uid", "/d/:uid/:slug"],
    ...drawn(() => import("./dashboards/DashboardsPage").then((page) => page.DashboardsPage)),
    keywords: ["boards", "panels", "grafana", "this machine", "payment", "http services"],
  },
  {
    path: "/explore",
    label: "Explore",
    shortcut: "g e",
    icon: ExploreIcon,
    routes: ["/explore"],
    ...drawn(
      () => import("./explore/ExplorePage").then((page) => page.ExplorePage),
      () => import("../promql/ExpressionEditor"),
    ),
    keywords: ["query", "promql", "graph", "metrics", "table"],
  },
  {
    path: "/alerts",
    label: "Alerts",
    shortcut: "g a",
    icon: AlertsIcon,
    routes: ["/alerts", "/alerts/*?"],
    ...drawn(() => import("./alerts/AlertsPage").then((page) => page.AlertsPage)),
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
    ...drawn(() => import("./targets/TargetsPage").then((page) => page.TargetsPage)),
    keywords: ["scrape", "jobs", "exporters", "discovery", "dropped"],
    timeless: true,
  },
];

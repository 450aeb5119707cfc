import { lazy } from "react";
import { OverviewIcon } from "../parts/icons";
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
];

import { useRef, useState } from "react";
import { useLocation, useRouter } from "wouter";
import type { Dashboard, Panel } from "../../api/dashboards";
import { useLiveClient } from "../../live/LiveContext";
import { useStatus } from "../../live/useLive";
import { PanelMenu } from "../../panels/PanelMenu";
import { usePanelScope } from "../../panels/PanelScope";
import { DashboardPanel } from "../../panels/registry";
import { interpolate } from "../../time/macros";
import { exploreHref } from "../../url/links";
import { withParam } from "./address";
import css from "./DashboardPage.module.css";
import { useOnScreen } from "./useOnScreen";

export interface GridPanelProps {
  readonly dashboard: Dashboard;
  readonly panel: Panel;
  readonly variables: Readonly<Record<string, string>>;
  readonly params: URLSearchParams;
  /** Of the page's content, in pixels. */
  readonly pageWidth: number;
  /** It is the only one that is shown. */
  readonly full: boolean;
}

/** A panel in its place. */
export function GridPanel({ panel, variables, params, pageWidth, full }: GridPanelProps) {
  const place = useRef<HTMLDivElement>(null);
  const visible = useOnScreen(place);
  const status = useStatus();
  const { range } = usePanelScope();
  const [path, navigate] = useLocation();
  const { base } = useRouter();
  const { clock } = useLiveClient();
  const [openedMs] = useState(() => clock.now());
  const { x, y, w, h } = panel.gridPos;
  const one = withParam(params, "viewPanel", String(panel.id));
  const description = interpolate(panel.description, variables);
  return (
    <div
      ref={place}
      className={full ? css.full : css.place}
      data-panel={panel.id}
      style={{ "--x": x + 1, "--w": w, "--y": y + 1, "--h": h }}
    >
      <DashboardPanel
        panel={panel}
        variables={variables}
        status={status}
        width={full ? pageWidth : Math.round((pageWidth * (pageWidth < 640 ? 24 : w)) / 24)}
        visible={visible}
        openedMs={openedMs}
        menu={(exprs, title) => (
          <PanelMenu
            title={title}
            description={description}
            explore={exprs.length === 0 ? null : exploreHref(exprs, range)}
            full={full}
            onFull={() => navigate(path + (full ? withParam(params, "viewPanel", null) : one))}
            link={new URL(base + path + one, window.location.origin).href}
          />
        )}
      />
    </div>
  );
}

import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import type { Dashboard } from "../../api/dashboards";
import { ChevronIcon } from "../../parts/icons";
import { useShortcuts } from "../../parts/shortcuts";
import { useEscape } from "../../parts/useEscape";
import { counted } from "../../units/format";
import { isKiosk, variableValues, viewedPanel, withParam } from "./address";
import css from "./DashboardPage.module.css";
import { DashboardTitle } from "./DashboardTitle";
import { GridPanel } from "./GridPanel";
import { panelById, placed, sections } from "./layout";
import { useWidth } from "./useWidth";

/** A dashboard that has been read: its title, its rows and panels, or the one panel that the address names. */
export function DashboardBody({ dashboard, params }: { dashboard: Dashboard; params: URLSearchParams }) {
  const [path, navigate] = useLocation();
  const [content, width] = useWidth();
  const [turned, setTurned] = useState<ReadonlySet<number>>(new Set());
  const variables = variableValues(dashboard, params);
  const viewed = viewedPanel(params);
  const kiosk = isKiosk(params);
  const one = viewed === null ? null : panelById(dashboard.panels, viewed);

  useEffect(() => {
    if (!kiosk) return;
    document.documentElement.dataset.kiosk = "true";
    return () => {
      delete document.documentElement.dataset.kiosk;
    };
  }, [kiosk]);
  const leave = (name: string) => navigate(path + withParam(params, name, null));
  useEscape(viewed !== null || kiosk, () => leave(viewed !== null ? "viewPanel" : "kiosk"));
  const toggleKiosk = () => navigate(path + withParam(params, "kiosk", kiosk ? null : "true"));
  useShortcuts("Dashboard", [
    { keys: ["f"], does: "Only the panels: no rail, no header", run: toggleKiosk },
    { keys: ["Esc"], does: "Back from full screen" },
  ]);

  return (
    <div className={css.page} ref={content}>
      <DashboardTitle dashboard={dashboard} kiosk={kiosk} onKiosk={toggleKiosk} onBack={viewed === null ? null : () => leave("viewPanel")} />
      {viewed !== null && one === null && <p className={css.note}>This dashboard has no panel with the id {viewed}. Escape shows all of them.</p>}
      {one !== null && <GridPanel key={one.id} dashboard={dashboard} panel={one} variables={variables} params={params} pageWidth={width} full />}
      {viewed === null && dashboard.panels.length === 0 && <p className={css.note}>This dashboard has no panels yet.</p>}
      {viewed === null &&
        sections(dashboard.panels).map(({ row, panels }) => {
          const collapsed = row?.view.kind === "row" && row.view.collapsed !== turned.has(row.id);
          return (
            <section key={row?.id ?? 0} aria-label={row === null ? dashboard.title : row.title}>
              {row !== null && (
                <h3 className={css.row}>
                  <button
                    type="button"
                    aria-expanded={!collapsed}
                    onClick={() => {
                      const next = new Set(turned);
                      if (!next.delete(row.id)) next.add(row.id);
                      setTurned(next);
                    }}
                  >
                    <ChevronIcon />
                    <span className={css.rowTitle}>{row.title}</span>
                    {collapsed && <span className={css.count}>{counted(panels.length, "panel")}</span>}
                  </button>
                </h3>
              )}
              {!collapsed && (
                <div className={css.grid}>
                  {placed(panels).map((panel) => (
                    <GridPanel key={panel.id} dashboard={dashboard} panel={panel} variables={variables} params={params} pageWidth={width} full={false} />
                  ))}
                </div>
              )}
            </section>
          );
        })}
    </div>
  );
}

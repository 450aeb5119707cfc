import { Link } from "wouter";
import type { Dashboard } from "../../api/dashboards";
import css from "./DashboardPage.module.css";

export interface DashboardTitleProps {
  readonly dashboard: Dashboard;
  readonly kiosk: boolean;
  readonly onKiosk: () => void;
  /** Back from one panel to all; null while all are shown. */
  readonly onBack: (() => void) | null;
}

/** The title row, which stays while the page scrolls. */
export function DashboardTitle({ dashboard, kiosk, onKiosk, onBack }: DashboardTitleProps) {
  return (
    <header className={css.title}>
      <h2 className={css.name} title={dashboard.title}>
        {dashboard.title}
      </h2>
      {dashboard.description !== "" && (
        <p className={css.description} title={dashboard.description}>
          {dashboard.description}
        </p>
      )}
      <div className={css.tools}>
        {onBack !== null && (
          <button type="button" className={css.tool} onClick={onBack}>
            All panels
          </button>
        )}
        {!kiosk && (
          <Link className={css.tool} href="/dashboards">
            All dashboards
          </Link>
        )}
        <button type="button" className={css.tool} onClick={onKiosk} title={kiosk ? "Escape" : "f"}>
          {kiosk ? "Leave" : "Kiosk"}
        </button>
      </div>
    </header>
  );
}

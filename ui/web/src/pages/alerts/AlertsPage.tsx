import { Link, Route, Switch, useLocation } from "wouter";
import { useAlerts } from "../../live/useLive";
import { usePageTitle } from "../../parts/pageTitle";
import { formatCount } from "../../units/format";
import { NotFoundPage } from "../NotFoundPage";
import css from "./AlertsPage.module.css";
import { NowTab } from "./NowTab";
import { ReceiversTab } from "./ReceiversTab";
import { RulesTab } from "./RulesTab";
import { SilencePage } from "./SilencePage";
import { SilencesTab } from "./SilencesTab";

const tabs = [
  { path: "/alerts", label: "Now" },
  { path: "/alerts/rules", label: "Rules" },
  { path: "/alerts/silences", label: "Silences" },
  { path: "/alerts/receivers", label: "Receivers" },
] as const;

/** What fires, by which rules, what is silenced, and who is told. */
export function AlertsPage() {
  const [path] = useLocation();
  const alerts = useAlerts();
  const here = tabs.findLast((tab) => path === tab.path || path.startsWith(`${tab.path}/`));
  usePageTitle(here === undefined || here.path === "/alerts" ? null : `${here.label} · Alerts`);
  return (
    <div className={css.page}>
      <nav className={css.tabs} aria-label="Alerts">
        {tabs.map((tab) => (
          <Link key={tab.path} href={tab.path} className={css.tabLink ?? ""} {...(tab === here ? { "aria-current": "page" as const } : {})}>
            {tab.label}
            {tab.path === "/alerts" && alerts !== null && alerts.firing > 0 && (
              <>
                {" "}
                <span className={css.count}>{formatCount(alerts.firing)}</span>
              </>
            )}
          </Link>
        ))}
      </nav>
      <Switch>
        <Route path="/alerts">
          <NowTab />
        </Route>
        <Route path="/alerts/rules">
          <RulesTab />
        </Route>
        <Route path="/alerts/silences">
          <SilencesTab />
        </Route>
        <Route path="/alerts/silences/new">
          <SilencePage key="new" id={null} edit />
        </Route>
        <Route path="/alerts/silences/:id">{({ id }) => <SilencePage key={id} id={id} edit={false} />}</Route>
        <Route path="/alerts/silences/:id/edit">{({ id }) => <SilencePage key={`${id} edit`} id={id} edit />}</Route>
        <Route path="/alerts/receivers">
          <ReceiversTab />
        </Route>
        <Route>
          <NotFoundPage />
        </Route>
      </Switch>
    </div>
  );
}

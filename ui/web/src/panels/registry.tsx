import { useMemo, type ReactNode } from "react";
import type { Panel } from "../api/dashboards";
import type { Status } from "../api/types";
import { interpolate, panelStep, timeMacros } from "../time/macros";
import { rangeLength, type TimeRange } from "../time/range";
import { floorToStep } from "../time/step";
import { BarGaugeKind } from "./kinds/BarGaugeKind";
import { GaugeKind } from "./kinds/GaugeKind";
import { StatKind } from "./kinds/StatKind";
import { TableKind } from "./kinds/TableKind";
import { TextKind } from "./kinds/TextKind";
import { TimeSeriesKind } from "./kinds/TimeSeriesKind";
import { UnknownKind } from "./kinds/UnknownKind";
import { usePanelQueries } from "./kinds/usePanelQueries";
import { leastStepMs, scrapeIntervalMs } from "./model/scrape";
import { PanelChromeProvider } from "./PanelChrome";
import { PanelScopeProvider, usePanelScope } from "./PanelScope";

export interface DashboardPanelProps {
  readonly panel: Panel;
  /** The values of the dashboard's variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** null until the server has said what it scrapes: until then nothing is asked. */
  readonly status: Pick<Status, "jobs" | "scrapeIntervalMs"> | null;
  /** How many pixels wide it is, about. */
  readonly width: number;
  /** It is on the screen, or nearly. */
  readonly visible: boolean;
  /** When the page was opened: what $__from and $__to of a moving range count from. */
  readonly openedMs: number;
  readonly menu: (exprs: readonly string[], title: string) => ReactNode;
}

/** How many of its steps a panel of instant targets asks for: the newest may still be on their way. */
const instantSteps = 4;

/** The time that a panel asks for: of instant targets only what is newest. */
function askedRange(range: TimeRange, stepMs: number, instant: boolean): TimeRange {
  if (!instant) return range;
  if (range.kind === "live") return { kind: "live", windowMs: instantSteps * stepMs };
  const toMs = floorToStep(range.toMs, stepMs);
  return { kind: "fixed", fromMs: toMs, toMs };
}

/** One panel of a dashboard, of whatever kind. */
export function DashboardPanel({ panel, variables, status, width, visible, openedMs, menu }: DashboardPanelProps) {
  const scope = usePanelScope();
  const { range } = scope;
  const targets = panel.targets.filter(({ hide, expr }) => !hide && expr !== "");
  const asked = targets.map(({ expr, interval }) => leastStepMs(interval) || (status === null ? 1000 : scrapeIntervalMs(interpolate(expr, variables), status)));
  const scrapeMs = Math.max(1000, ...asked);
  const rangeMs = rangeLength(range);
  const points = Math.max(100, Math.min(width, panel.maxDataPoints ?? width));
  const stepMs = panelStep({ rangeMs, points, scrapeMs, leastMs: leastStepMs(panel.interval) });
  const [fromMs, toMs] = range.kind === "fixed" ? [range.fromMs, range.toMs] : [openedMs - rangeMs, openedMs];
  const values = { ...variables, ...timeMacros({ stepMs, scrapeMs, rangeMs, fromMs, toMs }) };
  const queries = usePanelQueries(panel, values);
  const title = interpolate(panel.title, variables);
  const instant = targets.length > 0 && targets.every((target) => target.instant);
  const idle = !visible || status === null;

  const own = useMemo(
    () => ({ ...scope, stepMs, idle, range: askedRange(range, stepMs, instant) }),
    [scope, stepMs, idle, range, instant],
  );
  const exprs = queries.map(({ expr }) => expr);
  const chrome = { fill: true, description: interpolate(panel.description, variables), menu: menu(exprs, title) };
  return (
    <PanelScopeProvider value={own}>
      <PanelChromeProvider value={chrome}>
        <Kind panel={panel} title={title} targets={queries} variables={variables} />
      </PanelChromeProvider>
    </PanelScopeProvider>
  );
}

interface KindProps {
  readonly panel: Panel;
  readonly title: string;
  readonly targets: ReturnType<typeof usePanelQueries>;
  readonly variables: Readonly<Record<string, string>>;
}

function Kind({ panel, title, targets, variables }: KindProps) {
  const { view } = panel;
  switch (view.kind) {
    case "timeseries":
      return <TimeSeriesKind panel={panel} view={view} title={title} targets={targets} />;
    case "stat":
      return <StatKind panel={panel} view={view} title={title} targets={targets} />;
    case "gauge":
      return <GaugeKind panel={panel} view={view} title={title} targets={targets} />;
    case "bargauge":
      return <BarGaugeKind panel={panel} view={view} title={title} targets={targets} />;
    case "table":
      return <TableKind panel={panel} view={view} title={title} targets={targets} />;
    case "text":
      return <TextKind title={title} mode={view.mode} content={interpolate(view.content, variables)} />;
    case "row":
      return null; // a row is a heading, which the page draws
    case "unknown":
      return <UnknownKind title={title} type={view.type} targets={targets} />;
    default:
      return view satisfies never;
  }
}

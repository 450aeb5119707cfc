import { useMediaQuery } from "@mantine/hooks";
import { useMemo, useRef } from "react";
import { useStatus } from "../../live/useLive";
import { usePanelScope } from "../../panels/PanelScope";
import { TimeSeriesView } from "../../panels/TimeSeriesView";
import { usePanelStates, type PanelQuery } from "../../panels/usePanelData";
import { PlusIcon } from "../../parts/icons";
import actions from "../../parts/actions.module.css";
import { useShortcuts } from "../../parts/shortcuts";
import { seriesName } from "../../promql/seriesName";
import { useTimeRange } from "../../url/useTimeRange";
import { mostRows } from "./address";
import css from "./ExplorePage.module.css";
import { ExploreStart } from "./ExploreStart";
import { ExploreTable } from "./ExploreTable";
import { graphOutcome, tableOutcome, type Outcome } from "./outcome";
import { QueryRow } from "./QueryRow";
import { RecentMenu } from "./RecentMenu";
import { ResultTabs } from "./ResultTabs";
import { useDrafts, type Draft } from "./useDrafts";
import { useExploreState } from "./useExploreState";
import { useRecent } from "./useRecent";
import { useTable } from "./useTable";

const dayMs = 86_400_000;
const nothing: readonly PanelQuery[] = [];
const letterOf = (i: number) => String.fromCharCode(65 + i);

/** Questions in PromQL, answered as they are asked and as time goes on. */
export function ExplorePage() {
  const [state, go] = useExploreState();
  const status = useStatus();
  const { range } = usePanelScope();
  const [, setRange] = useTimeRange();
  const [recent, remember] = useRecent();
  const phone = useMediaQuery("(max-width: 640px)");
  const list = useRef<HTMLOListElement>(null);
  const drafts = useDrafts(state.rows, (rows) => {
    remember(rows.filter(({ on }) => on).map(({ expr }) => expr));
    go({ rows });
  });

  // The rows of the address, each with the letter that it has in the page.
  const inAddress = drafts.list.flatMap((draft, i) => (draft.asked === null ? [] : [{ id: draft.id, letter: letterOf(i) }]));
  const asked = state.rows.flatMap(({ expr, on }, i) => (on ? [{ expr, id: inAddress[i]?.id ?? 0, letter: inAddress[i]?.letter ?? letterOf(i) }] : []));
  const askedKey = JSON.stringify(asked.map(({ expr, letter }) => [letter, expr]));
  const queries = useMemo(
    () =>
      asked.map<PanelQuery>(({ expr, letter }) => ({
        expr,
        name: (labels) => (asked.length > 1 ? `${letter}: ` : "") + (seriesName(labels) || expr),
      })),
    // The key stands for what is asked.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [askedKey],
  );
  const exprs = asked.map(({ expr }) => expr);
  const graph = usePanelStates(state.tab === "graph" ? queries : nothing);
  const table = useTable(state.tab === "table" ? exprs : null);
  const outcomes = state.tab === "graph" ? graph.queries.map(graphOutcome) : table.answers.map(tableOutcome);
  const outcomeOf = ({ id, asked: text, on }: Draft): Outcome => {
    if (text === null) return { kind: "idle" };
    if (!on) return { kind: "off" };
    return outcomes[asked.findIndex((one) => one.id === id)] ?? { kind: "loading" };
  };

  const full = drafts.list.length >= mostRows;
  const other = state.tab === "graph" ? "table" : "graph";
  useShortcuts("Explore", [
    { keys: ["Enter"], does: "in an expression: ask it" },
    { keys: ["Shift", "Enter"], does: "in an expression: a new line" },
    { keys: ["Ctrl", "Space"], does: "in an expression: complete it" },
    { keys: ["e"], does: "write in the first expression", run: () => list.current?.querySelector<HTMLElement>("[contenteditable]")?.focus() },
    { keys: ["n"], does: "another query", run: () => (full ? undefined : drafts.add()) },
    { keys: ["v"], does: "graph or table", run: () => go({ tab: other }) },
  ]);

  return (
    <div className={css.page}>
      <section aria-label="Queries" className={css.queries}>
        <ol className={css.list} ref={list}>
          {drafts.list.map((draft, i) => (
            <QueryRow
              key={draft.id}
              draft={draft}
              letter={letterOf(i)}
              outcome={outcomeOf(draft)}
              alone={drafts.list.length === 1}
              onEdit={(expr) => drafts.edit(draft.id, expr)}
              onRun={(expr) => drafts.run(draft.id, expr)}
              onToggle={() => drafts.toggle(draft.id)}
              onDuplicate={full ? null : () => drafts.add(draft.id, draft.expr)}
              onRemove={() => drafts.remove(draft.id)}
              onWider={range.kind === "live" && range.windowMs < dayMs ? () => setRange({ kind: "live", windowMs: dayMs }) : null}
            />
          ))}
        </ol>
        <div className={css.bar}>
          <button type="button" className={`${actions.button ?? ""} ${actions.main ?? ""}`} onClick={() => drafts.run()}>
            Run
          </button>
          <button type="button" className={actions.button} disabled={full} title={full ? `At most ${mostRows} queries at once` : undefined} onClick={() => drafts.add()}>
            <PlusIcon /> Add query
          </button>
          <RecentMenu
            recent={recent}
            choose={(expr) => {
              const empty = drafts.list.find((draft) => draft.expr.trim() === "") ?? drafts.list.at(-1);
              if (empty !== undefined) drafts.run(empty.id, expr);
            }}
          />
          {state.rows.length > 0 && (
            <span className={css.right}>
              <ResultTabs state={state} />
            </span>
          )}
        </div>
      </section>
      {state.rows.length === 0 && <ExploreStart status={status} recent={recent} ask={(expr) => drafts.replace([expr])} />}
      {state.rows.length > 0 && asked.length === 0 && <p className={css.off}>All queries are switched off.</p>}
      {asked.length > 0 && state.tab === "graph" && (
        <TimeSeriesView title="Graph" queries={queries} state={graph.panel} unit="load" fit height={phone ? 220 : 340} empty="No series in this range." />
      )}
      {asked.length > 0 && state.tab === "table" && (
        <ExploreTable exprs={exprs} letters={asked.map(({ letter }) => letter)} answers={table.answers} freshness={table.freshness} />
      )}
    </div>
  );
}

import type { Panel } from "../../api/dashboards";

/** A row and the panels below it; the first section may have none. */
export interface Section {
  readonly row: Panel | null;
  readonly panels: readonly Panel[];
}

const byPlace = (a: Panel, b: Panel) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x;

/** The panels of a dashboard by rows, each in the order in which it is read. */
export function sections(panels: readonly Panel[]): readonly Section[] {
  const all: { row: Panel | null; panels: Panel[] }[] = [{ row: null, panels: [] }];
  for (const panel of [...panels].sort(byPlace)) {
    if (panel.view.kind === "row") all.push({ row: panel, panels: [...panel.view.panels].sort(byPlace) });
    else all.at(-1)?.panels.push(panel);
  }
  return all.filter(({ row, panels: list }) => row !== null || list.length > 0);
}

/** The panels of a section as they stand in a grid of its own: without the room above the first. */
export function placed(panels: readonly Panel[]): readonly Panel[] {
  const top = Math.min(...panels.map(({ gridPos }) => gridPos.y));
  return panels.map((panel) => ({ ...panel, gridPos: { ...panel.gridPos, y: panel.gridPos.y - top } }));
}

/** The panel with this id, in collapsed rows too. */
export function panelById(panels: readonly Panel[], id: number): Panel | null {
  for (const panel of panels) {
    if (panel.view.kind === "row") {
      const inner = panelById(panel.view.panels, id);
      if (inner !== null) return inner;
    } else if (panel.id === id) return panel;
  }
  return null;
}

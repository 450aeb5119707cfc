import { createContext, useContext } from "react";
import type { CursorStore } from "../chart/cursor";
import type { TimeRange } from "../time/range";

/** What the panels of a page share. */
export interface PanelScope {
  readonly range: TimeRange;
  readonly stepMs: number;
  readonly cursor: CursorStore;
  /** Nobody sees the panel: it asks for nothing. */
  readonly idle?: boolean;
  /** Shows only this span, in the URL too. */
  readonly zoomTo: (fromMs: number, toMs: number) => void;
  /** Goes back to what moves. */
  readonly goLive: () => void;
}

const PanelScopeContext = createContext<PanelScope | null>(null);

export const PanelScopeProvider = PanelScopeContext.Provider;

export function usePanelScope(): PanelScope {
  const scope = useContext(PanelScopeContext);
  if (scope === null) throw new Error("a panel outside of PanelScopeProvider");
  return scope;
}

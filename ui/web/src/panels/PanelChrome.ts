import { createContext, useContext, type ReactNode } from "react";

/** What a page puts around its panels' surfaces. */
export interface PanelChrome {
  /** The panel is as high as its place: what is drawn fills it. */
  readonly fill: boolean;
  /** Shown with the title when asked for. */
  readonly description: string;
  /** At the right of the head, on hover or focus. */
  readonly menu: ReactNode;
}

const PanelChromeContext = createContext<PanelChrome>({ fill: false, description: "", menu: null });

export const PanelChromeProvider = PanelChromeContext.Provider;

export function usePanelChrome(): PanelChrome {
  return useContext(PanelChromeContext);
}

import { createContext, useContext, useEffect } from "react";

const PageTitleContext = createContext<(title: string | null) => void>(() => undefined);

/** Takes what the page on the screen is called; null: as its entry in the rail. */
export const PageTitleProvider = PageTitleContext.Provider;

/** Names what this page shows just now in the browser's tab, while it is mounted; null: nothing more exact than the page. */
export function usePageTitle(title: string | null): void {
  const set = useContext(PageTitleContext);
  useEffect(() => {
    set(title);
    return () => set(null);
  }, [set, title]);
}

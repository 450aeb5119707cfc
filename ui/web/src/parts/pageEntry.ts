import type { ComponentType } from "react";

/** One page: where it lies, what it is called, and how it is reached. */
export interface PageEntry {
  /** Where the rail, the palette and the shortcut lead. */
  readonly path: string;
  readonly label: string;
  /** Two keys, one after the other: "g o". */
  readonly shortcut: string;
  readonly icon: ComponentType;
  /** Every address that this page draws, as patterns of wouter; path is one of them. */
  readonly routes: readonly string[];
  /** The page itself, loaded when it is first shown. It stays mounted while only its address changes. */
  readonly Page: ComponentType;
  /** Fetches the page's code, so that it can be shown when the server has gone away meanwhile. */
  readonly load: () => Promise<unknown>;
  /** Words under which the palette finds it as well. */
  readonly keywords?: readonly string[];
  /** It shows only what is now: no time range is offered. */
  readonly timeless?: boolean;
  /** The number of firing alerts stands at its entry. */
  readonly counts?: "firing";
}

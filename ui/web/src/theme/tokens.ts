/** The colours of one scheme; the only place where a colour is written down. */
export interface Tokens {
  readonly page: string;
  readonly surface: string;
  readonly raised: string;
  readonly border: string;
  readonly text: string;
  readonly dim: string;
  /** Interactive things: links, focus, what is chosen. */
  readonly accent: string;
  readonly critical: string;
  readonly warning: string;
  readonly info: string;
  readonly healthy: string;
  readonly grid: string;
  /** Code: functions and keywords, texts, numbers, names of labels. */
  readonly code: { readonly word: string; readonly text: string; readonly number: string; readonly label: string };
  readonly series: readonly string[];
}

export type Scheme = "light" | "dark";

/**
 * Series colours: Okabe and Ito's, tuned to at least 3 : 1 on each surface, in an order in which
 * neighbours differ in lightness as well as in hue.
 */
export const tokens: Readonly<Record<Scheme, Tokens>> = {
  dark: {
    page: "#0f1216",
    surface: "#161a20",
    raised: "#1c2129",
    border: "#262d37",
    text: "#e6e9ee",
    dim: "#9aa4b2",
    accent: "#4c8dff",
    critical: "#ff6b6b",
    warning: "#f2b13c",
    info: "#5aa2ff",
    healthy: "#35c48d",
    grid: "#222933",
    code: { word: "#82b1ff", text: "#7fd1a8", number: "#e9b872", label: "#d3a6e8" },
    series: [
      "#56b4e9", "#e69f00", "#1fb58a", "#f0743e", "#8c9eff", "#d98cb8", "#e3d44c", "#93a1b3", "#b07a5e", "#b58cf0",
    ],
  },
  light: {
    page: "#f6f7f9",
    surface: "#ffffff",
    raised: "#f1f3f6",
    border: "#e2e6ec",
    text: "#171c24",
    dim: "#56616f",
    accent: "#1f5fd6",
    critical: "#c22f2f",
    warning: "#8f5c00",
    info: "#1f5fd6",
    healthy: "#0b7a53",
    grid: "#eceff3",
    code: { word: "#1f55b8", text: "#0a6b49", number: "#8a5200", label: "#7b3aa6" },
    series: [
      "#1f83c4", "#b87a00", "#00805d", "#c84f14", "#4656cf", "#b0518a", "#857500", "#647183", "#7a4a3a", "#7f47c2",
    ],
  },
};

import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";
import { tokens, type Tokens } from "./tokens";

const accent: MantineColorsTuple = [
  "#eaf1ff", "#d3e1ff", "#a8c4ff", "#7aa6ff", "#4c8dff", "#3a7cf0", "#1f5fd6", "#1a51b8", "#15429a", "#10347a",
];

/** Mantine's greys of the dark scheme, from text to deepest shade, in Daymark's. */
const dark: MantineColorsTuple = [
  "#e6e9ee", "#c3cad4", "#9aa4b2", "#6b7686", "#262d37", "#212730", "#1c2129", "#0f1216", "#0c0f13", "#080a0d",
];

/** Mantine, in Daymark's sizes and colours. */
export const theme = createTheme({
  colors: { accent, dark },
  primaryColor: "accent",
  primaryShade: { light: 6, dark: 4 },
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: '"JetBrains Mono", ui-monospace, monospace',
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  radius: { xs: "3px", sm: "4px", md: "6px", lg: "6px", xl: "6px" },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
});

function variables(scheme: Tokens): Record<string, string> {
  return {
    "--mantine-color-body": scheme.page,
    "--mantine-color-text": scheme.text,
    "--mantine-color-dimmed": scheme.dim,
    "--mantine-color-default": scheme.surface,
    "--mantine-color-default-hover": scheme.raised,
    "--mantine-color-default-border": scheme.border,
    "--mantine-color-anchor": scheme.accent,
    "--mantine-color-placeholder": scheme.dim,
    "--dm-page": scheme.page,
    "--dm-surface": scheme.surface,
    "--dm-raised": scheme.raised,
    "--dm-border": scheme.border,
    "--dm-text": scheme.text,
    "--dm-dim": scheme.dim,
    "--dm-accent": scheme.accent,
    "--dm-critical": scheme.critical,
    "--dm-warning": scheme.warning,
    "--dm-info": scheme.info,
    "--dm-healthy": scheme.healthy,
    "--dm-grid": scheme.grid,
    "--dm-code-word": scheme.code.word,
    "--dm-code-text": scheme.code.text,
    "--dm-code-number": scheme.code.number,
    "--dm-code-label": scheme.code.label,
  };
}

/** Gives the tokens to the style sheets. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: variables(tokens.light),
  dark: variables(tokens.dark),
});

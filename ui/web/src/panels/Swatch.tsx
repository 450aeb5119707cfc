import { useComputedColorScheme } from "@mantine/core";
import type { Ink } from "../chart/palette";
import { tokens } from "../theme/tokens";

/** A short piece of a series' line, in its colour and dashes. */
export function Swatch({ ink }: { ink: Ink }) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  return (
    <svg width="14" height="4" viewBox="0 0 14 4" aria-hidden="true" style={{ flex: "none" }}>
      <path d="M0 2h14" stroke={tokens[scheme].series[ink.colour]} strokeWidth="3" strokeDasharray={ink.dash.join(" ")} />
    </svg>
  );
}

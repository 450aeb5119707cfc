import "react";

// Style sheets read what a place in a grid is from variables.
declare module "react" {
  interface CSSProperties {
    [variable: `--${string}`]: string | number | undefined;
  }
}

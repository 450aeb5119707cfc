import "react";

// Style sheets read what a place in a grid is from variables.
declare module "react" {
  // eslint-disable-next-line @typescript-eslint/consistent-indexed-object-style -- an interface that is added to can be nothing else
  interface CSSProperties {
    [variable: `--${string}`]: string | number | undefined;
  }
}

import { readFileSync } from "node:fs";

/** A body as the server writes it: the Go tests compare the same file. */
export function golden(name: string): string {
  return readFileSync(new URL(`../../../server/testdata/${name}.json`, import.meta.url), "utf8");
}

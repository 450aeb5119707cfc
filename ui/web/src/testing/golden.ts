import { readFileSync } from "node:fs";
import { join } from "node:path";

export const goldenFolder = join(import.meta.dirname, "../../../server/testdata");

/** A body as the server writes it: the Go tests compare the same file. */
export function golden(name: string): string {
  return readFileSync(join(goldenFolder, `${name}.json`), "utf8");
}

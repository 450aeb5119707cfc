import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Builds Daymark from this checkout, unless DAYMARK_BIN names one that is built. */
export default function setup(): (() => void) | undefined {
  if (process.env.DAYMARK_BIN !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "daymark-bin-"));
  const bin = join(folder, "daymark");
  execFileSync("go", ["build", "-o", bin, "."], {
    cwd: join(import.meta.dirname, "../../.."),
    env: { ...process.env, CGO_ENABLED: "0" },
    stdio: "inherit",
  });
  process.env.DAYMARK_BIN = bin;
  return () => rmSync(folder, { recursive: true, force: true });
}

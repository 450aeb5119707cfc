import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "@playwright/test";

/**
 * A free port of this machine, below those that the system gives to outgoing connections: one of those could be taken
 * while a server that is to come back on it is away.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!free) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}

/** A real Daymark with a data folder of its own. */
export class Daymark {
  readonly folder = mkdtempSync(join(tmpdir(), "daymark-e2e-"));
  readonly port: number;
  private readonly args: readonly string[];
  private process: ChildProcess | null = null;
  private log = "";
  /** Below which path it answers, "" or ending in a slash. */
  private readonly path: string;

  private constructor(port: number, args: readonly string[], path: string) {
    this.port = port;
    this.args = args;
    this.path = path;
  }

  /** Writes files into a fresh folder and starts there; args may name them. */
  static async start(
    args: readonly string[] = [], files: Readonly<Record<string, string>> = {}, { port, path = "" }: { port?: number; path?: string } = {},
  ): Promise<Daymark> {
    const daymark = new Daymark(port ?? (await freePort()), args, path);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(daymark.folder, name), text);
    await daymark.run();
    return daymark;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Starts the binary and waits until it answers. */
  async run(): Promise<void> {
    const bin = process.env.DAYMARK_BIN;
    if (bin === undefined) throw new Error("DAYMARK_BIN is not set");
    const child = spawn(
      bin,
      [`--web.listen-address=127.0.0.1:${this.port}`, `--storage.path=${join(this.folder, "data")}`, ...this.args],
      { cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] },
    );
    this.process = child;
    const note = (chunk: Buffer) => {
      this.log += chunk.toString();
    };
    child.stdout.on("data", note);
    child.stderr.on("data", note);
    const deadline = Date.now() + 30_000;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`daymark ended with ${child.exitCode}:\n${this.log}`);
      const healthy = await Promise.any(
        [this.path, "daymark/"].map((path) => fetch(`${this.url}${path}-/healthy`).then((r) => r.ok || Promise.reject(new Error(r.statusText)))),
      ).catch(() => false);
      if (healthy) return;
      if (Date.now() > deadline) throw new Error(`daymark did not answer:\n${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Asks it to stop and waits for its end. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const child = this.process;
    this.process = null;
    if (child?.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  /** Stops it and removes its folder. What it logged is printed if the test failed. */
  async end(): Promise<void> {
    await this.stop();
    const { status, expectedStatus } = test.info();
    if (status !== expectedStatus) console.log(this.log);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

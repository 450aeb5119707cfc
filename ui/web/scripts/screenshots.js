// Takes the pictures of README.md and docs/ from a running program: npm run screenshots. It builds Daymark (or runs the
// one that DAYMARK_BIN names), lets it watch this machine and a small shop whose payments get slow, and opens each page.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { openShop } from "./shop.js";

const top = join(import.meta.dirname, "../../..");
const pictures = join(top, "docs/img");
const warmSeconds = 150; // calm, then trouble, all of it on the graphs

const span = "from=now-3m&to=now";
const expr = encodeURIComponent("sum by (region, outcome) (rate(payments_total[15s]))");
/** Each picture's name, page, and a text that stands there when it is ready. */
const pages = /** @type {const} */ ([
  ["overview", `?${span}`, "PaymentLatencyHigh"],
  ["dashboard", `d/payment?${span}`, "Payment"],
  ["explore", `explore?expr=${expr}&${span}`, "timeout"],
  ["alerts", "alerts", "PaymentLatencyHigh"],
  ["rules", "alerts/rules", "PaymentLatencyHigh"],
  ["targets", "targets", "shop"],
]);

const folder = mkdtempSync(join(tmpdir(), "daymark-pictures-"));
const shop = await openShop(60);
const bin = process.env.DAYMARK_BIN ?? join(folder, "daymark");
if (process.env.DAYMARK_BIN === undefined) {
  execFileSync("go", ["build", "-o", bin, "."], { cwd: top, env: { ...process.env, CGO_ENABLED: "0" }, stdio: "inherit" });
}
writeFileSync(join(folder, "daymark.yml"), `host: true
self: true
packs: auto
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: shop
    static_configs:
      - targets: ["${shop.address}"]
`);
const daymark = spawn(bin, ["--config.file=daymark.yml", "--storage.path=data", "--web.listen-address=127.0.0.1:0"], {
  cwd: folder,
  stdio: ["ignore", "pipe", "inherit"],
});
const ended = once(daymark, "exit");
try {
  const line = String(await once(daymark.stdout, "data"));
  const url = /http:\S+/.exec(line)?.[0];
  if (url === undefined) throw new Error(`daymark printed no address: ${line}`);
  console.log(`${url} for ${warmSeconds} s …`);
  await new Promise((resolve) => setTimeout(resolve, warmSeconds * 1000));

  mkdirSync(pictures, { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env.DAYMARK_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-background-networking"],
  });
  for (const scheme of /** @type {const} */ (["dark", "light"])) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: scheme, reducedMotion: "reduce" });
    for (const [name, path, ready] of pages) {
      const page = await context.newPage();
      await page.goto(url + path);
      await page.getByText(ready).filter({ visible: true }).first().waitFor();
      // A canvas holds the lines; the newest point comes with the next scrape.
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await page.screenshot({ path: join(pictures, `${name}-${scheme}.png`) });
      await page.close();
      console.log(`docs/img/${name}-${scheme}.png`);
    }
    await context.close();
  }
  await browser.close();
} finally {
  daymark.kill();
  await ended;
  shop.close();
  rmSync(folder, { recursive: true, force: true });
}

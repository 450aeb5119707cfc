import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "@playwright/test";
import { Daymark, freePort } from "./daymark";
import { Complaints, expectAccessible, expectNoOverflow } from "./watch";

const script = '<script>alert("x")</script><img src=x onerror=alert(1)>';
const long = "w".repeat(200);
const rtl = "\u202eتنبيه\u202c";
const exporterPort = 9104;

/** A small server with metrics; one path answers with an endless line that is none. */
async function openShop(): Promise<Server> {
  const server = createServer((request, response) => {
    response.setHeader("Content-Type", "text/plain; version=0.0.4");
    response.end(request.url === "/broken" ? `shop_broken{a="${script}${long} is not closed\n` : 'shop_orders{state="open"} 3\nshop_orders{state="sent"} 4\n');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
}

const addressOf = (server: Server) => `127.0.0.1:${(server.address() as AddressInfo).port}`;

test.describe("with every kind of target", () => {
  let shop: Server;
  let daymark: Daymark;

  test.beforeAll(async () => {
    shop = await openShop();
    const nobody = await freePort();
    daymark = await Daymark.start(["--config.file=prometheus.yml"], {
      "prometheus.yml": `
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: shop
    static_configs:
      - targets: ["${addressOf(shop)}"]
        labels: { team: '${script}', host: '${long}', "größe x": '${rtl}', instance: "shop-1" }
  - job_name: broken
    metrics_path: /broken
    static_configs: [{ targets: ["${addressOf(shop)}"] }]
  - job_name: gone
    static_configs: [{ targets: ["127.0.0.1:${nobody}"] }]
  - job_name: dropper
    static_configs:
      - targets: ["10.0.0.1:80", "10.0.0.2:80"]
        labels: { zone: '${script}' }
      - targets: ["${addressOf(shop)}"]
    relabel_configs:
      - { source_labels: [job], target_label: seen }
      - { source_labels: [__address__], regex: "10[.].*", action: drop }
`,
    });
  });
  test.afterAll(async () => {
    await daymark.end();
    await close(shop);
  });

  for (const scheme of ["light", "dark"] as const) {
    for (const width of [1440, 390]) {
      test(`they can be read, in ${scheme}, ${width} px wide`, async ({ page }) => {
        await page.emulateMedia({ colorScheme: scheme });
        await page.setViewportSize({ width, height: width > 500 ? 900 : 844 });
        const complaints = await Complaints.of(page);
        await page.goto(`${daymark.url}targets`);
        const list = page.getByRole("list", { name: "Targets of shop" });
        await expect(list.getByText("up", { exact: true })).toBeVisible();
        await expect(list.getByText(/^\d+ s ago$/)).toBeVisible();
        await expect(list.getByText(/^[\d.]+\s(µs|ms) of 1\ss$/)).toBeVisible();
        await expect(list.getByText("2 samples")).toBeVisible();
        await list.getByRole("button", { name: "shop-1" }).click();
        await expect(list.getByText(`team="${script}"`)).toBeVisible();
        await expect(list.getByRole("link", { name: "Explore up of shop-1" })).toHaveAttribute("href", "/explore?expr=up%7Bjob%3D%22shop%22%2Cinstance%3D%22shop-1%22%7D");
        await expect(page.getByRole("list", { name: "Targets of gone" }).getByText(/connect: connection refused$/)).toBeVisible();
        await expect(page.getByRole("list", { name: "Targets of broken" }).getByText(/<script>/).first()).toBeVisible();
        await expectNoOverflow(page);
        await expectAccessible(page);
        await page.screenshot({ path: test.info().outputPath("targets.png"), fullPage: true });
        expect(await page.locator("img").count()).toBe(0);
        expect(complaints.list).toEqual([]);
      });
    }
  }

  test("with the keyboard alone: health, search and job are in the address, errors are copied whole", async ({ page, context }) => {
    const complaints = await Complaints.of(page);
    await page.goto(daymark.url);
    await expect(page.getByRole("link", { name: "Targets", exact: true }).first()).toBeVisible();
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await expect(page).toHaveURL(/\/targets$/);
    await page.getByRole("button", { name: /^Down/ }).focus();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\?health=down$/);
    await expect(page.getByRole("list", { name: "Targets of shop" })).toHaveCount(0);
    await expect(page.getByRole("list", { name: "Targets of gone" })).toBeVisible();
    await page.getByRole("textbox", { name: "Search" }).focus();
    await page.keyboard.type("connection refused");
    await expect(page.getByRole("list", { name: "Targets of broken" })).toHaveCount(0);
    await page.reload();
    await expect(page.getByRole("textbox", { name: "Search" })).toHaveValue("connection refused");

    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: new URL(daymark.url).origin });
    await page.getByRole("button", { name: /^Copy the error of 127/ }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(/^Get "http:\/\/127\.0\.0\.1:\d+\/metrics": .*connection refused$/);

    await page.getByRole("textbox", { name: "Search" }).fill("nothing like this");
    await expect(page.getByText("No target matches.")).toBeVisible();
    await page.getByRole("button", { name: "Show all" }).click();
    await expect(page).toHaveURL(/\/targets$/);
    await page.getByRole("combobox", { name: "Job" }).selectOption("shop");
    await expect(page).toHaveURL(/\?job=shop$/);
    await expect(page.getByRole("list", { name: /^Targets of/ })).toHaveCount(1);
    expect(complaints.list).toEqual([]);
  });

  test("what was dropped is told with the rule that did", async ({ page }) => {
    const complaints = await Complaints.of(page);
    await page.goto(`${daymark.url}targets?job=dropper`);
    await page.getByRole("button", { name: "2 targets dropped before scraping" }).press("Enter");
    const dropped = page.getByRole("list", { name: "Dropped targets of dropper" });
    await expect(dropped.getByText("dropped by relabel rule 2, action drop")).toHaveCount(2);
    await expect(dropped.getByLabel("Rule that dropped 10.0.0.1:80")).toContainText("regex: 10[.].*");
    await expect(dropped.getByText(`zone="${script}"`).first()).toBeVisible();
    await expectNoOverflow(page);
    await expectAccessible(page);
    expect(complaints.list).toEqual([]);
  });

  test("Overview and its palette lead here; while the server is away, what was known stays", async ({ page }) => {
    const complaints = await Complaints.of(page);
    await page.goto(daymark.url);
    await page.getByRole("list", { name: "Jobs" }).getByRole("link", { name: "shop", exact: true }).click();
    await expect(page).toHaveURL(/\/targets\?job=shop$/);
    const list = page.getByRole("list", { name: "Targets of shop" });
    await expect(list.getByText("up", { exact: true })).toBeVisible();
    await daymark.stop();
    await expect(page.getByText(/^Reconnecting, showing data until/)).toBeVisible();
    await expect(list.getByText("up", { exact: true })).toBeVisible();
    await daymark.run();
    await expect(page.getByText(/^Reconnecting/)).toBeHidden({ timeout: 20_000 });
    expect(complaints.besidesOutage()).toEqual([]);
  });
});

test("520 targets are shown page by page, and what the server left out is told", async ({ page }) => {
  const shop = await openShop();
  const targets = Array.from({ length: 520 }, (_, i) => `      - { targets: ["${addressOf(shop)}"], labels: { instance: "shop-${i}" } }`);
  const daymark = await Daymark.start(["--config.file=prometheus.yml"], {
    "prometheus.yml": `
global: { scrape_interval: 5s }
scrape_configs:
  - job_name: shop
    static_configs:
${targets.join("\n")}
`,
  });
  try {
    const complaints = await Complaints.of(page);
    await page.goto(`${daymark.url}targets`);
    await expect(page.getByText("520 up · every 5 s")).toBeVisible({ timeout: 30_000 });
    const rows = page.getByRole("list", { name: "Targets of shop" }).locator("> li");
    await expect(rows).toHaveCount(100);
    await expect(page.getByText("20 more targets are not listed: of 520, those in trouble come first.")).toBeVisible();
    for (const rest of [420, 320, 220, 120]) await page.getByRole("button", { name: `more of ${rest}` }).click();
    await expect(rows).toHaveCount(500);
    await expect(page.getByText("and 20 more that are not listed")).toBeVisible();

    // Drawing all of them anew, as each message makes it do, keeps the page usable.
    const slowest = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let last = performance.now();
          let worst = 0;
          const begin = last;
          const step = (now: number) => {
            worst = Math.max(worst, now - last);
            last = now;
            if (now - begin > 3000) resolve(worst);
            else requestAnimationFrame(step);
          };
          requestAnimationFrame(step);
        }),
    );
    test.info().annotations.push({ type: "slowest frame", description: `${Math.round(slowest)} ms` });
    expect(slowest).toBeLessThan(1000);

    await page.getByRole("textbox", { name: "Search" }).fill("shop-17");
    await expect(rows).toHaveCount(11);
    await expect(page.getByText(/and the filter sees only what is listed\.$/)).toBeVisible();
    await page.setViewportSize({ width: 390, height: 844 });
    await expectNoOverflow(page);
    await expectAccessible(page);
    expect(complaints.list).toEqual([]);
  } finally {
    await daymark.end();
    await close(shop);
  }
});

test("without targets it says what to add; an exporter that is found is ignored and scraped again, below a path", async ({ page }) => {
  const exporter = createServer((_, response) => {
    response.setHeader("Content-Type", "text/plain; version=0.0.4");
    response.end("# TYPE mysql_up gauge\nmysql_up 1\nmysql_global_status_threads_connected 7\nmysqld_exporter_build_info 1\n");
  });
  const port = await new Promise<number>((resolve) => {
    exporter.once("error", () => resolve(0));
    exporter.listen(exporterPort, "127.0.0.1", () => resolve(exporterPort));
  });
  test.skip(port === 0, `port ${exporterPort} of this machine is taken: a real exporter may listen there`);
  const empty = await Daymark.start(["--config.file=prometheus.yml"], { "prometheus.yml": "global: { scrape_interval: 5s }\n" });
  const daymark = await Daymark.start(["--web.external-url=http://127.0.0.1/daymark/"]);
  try {
    const complaints = await Complaints.of(page);
    await page.goto(`${empty.url}targets`);
    await expect(page.getByText("No targets yet.")).toBeVisible();
    await expect(page.getByLabel("The lines that add a target", { exact: true })).toContainText("static_configs:");
    await expectAccessible(page);

    await page.goto(`${daymark.url}daymark/targets`);
    const found = page.getByRole("list", { name: "Exporters found on this machine" });
    await expect(found.getByText("scraped", { exact: true })).toBeVisible({ timeout: 30_000 });
    const mysqld = page.getByRole("list", { name: "Targets of mysqld" });
    await expect(mysqld.getByText("up", { exact: true })).toBeVisible({ timeout: 20_000 });
    await found.getByRole("button", { name: /^Ignore .* on port 9104$/ }).press("Enter");
    await expect(found.getByText("ignored", { exact: true })).toBeVisible();
    await expect(mysqld).toHaveCount(0);
    await expectAccessible(page);
    await page.reload();
    await found.getByRole("button", { name: /^Scrape .* on port 9104 again$/ }).click();
    await expect(found.getByText("scraped", { exact: true })).toBeVisible();
    await expect(mysqld.getByText("up", { exact: true })).toBeVisible({ timeout: 20_000 });
    await expectNoOverflow(page);
    expect(complaints.list).toEqual([]);
  } finally {
    await empty.end();
    await daymark.end();
    await close(exporter);
  }
});

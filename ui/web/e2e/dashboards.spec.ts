import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, test, type Page } from "@playwright/test";
import { Daymark } from "./daymark";
import { Complaints, expectAccessible, expectNoOverflow, newestStep } from "./watch";

let daymark: Daymark;

test.beforeAll(async () => {
  daymark = await Daymark.start();
});
test.afterAll(() => daymark.end());

/** A panel by its title. */
const panel = (page: Page, title: string) => page.getByRole("region", { name: title, exact: true });

for (const [scheme, width] of [["light", 1440], ["dark", 1440], ["light", 390], ["dark", 390]] as const) {
  test(`This machine streams, in ${scheme}, ${width} px wide`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: width > 500 ? 900 : 844 });
    const complaints = await Complaints.of(page);
    await page.goto(`${daymark.url}d/machine/this-machine`);
    await expect(page).toHaveURL(/from=now-15m&to=now$/);
    await expect(page.getByRole("heading", { name: "This machine" })).toBeVisible();
    await expect(panel(page, "Processor").getByText("%").first()).toBeVisible();
    await expect(panel(page, "Uptime").getByText(/\d (s|min|h|d)/)).toBeVisible();

    await panel(page, "Load").last().scrollIntoViewIfNeeded();
    await expect(page.getByRole("group", { name: /^Load: 1 min/ })).toBeVisible();
    await panel(page, "Disk space").scrollIntoViewIfNeeded();
    const table = page.getByRole("region", { name: "Table of Disk space" });
    await expect(table.getByRole("columnheader")).toHaveText(["Mounted at", "Device", "Type", "Size", "Free", "Used"]);
    await expect(table.getByRole("row")).not.toHaveCount(0);
    await expectNoOverflow(page);
    await expectAccessible(page);
    await page.screenshot({ path: test.info().outputPath(`machine-${scheme}-${width}.png`) });
    expect(complaints.list).toEqual([]);
  });
}

test("Daymark itself has data in every panel but those that say why not", async ({ page }) => {
  const complaints = await Complaints.of(page);
  await page.goto(`${daymark.url}d/daymark`);
  const panels = page.locator("[data-panel]");
  await expect(panels.first()).toBeVisible();
  for (const one of await panels.all()) {
    await one.scrollIntoViewIfNeeded();
    await expect(one.getByRole("status", { name: "Loading" })).toHaveCount(0);
    await expect(one.getByText(/do(es)? not exist yet|cannot be read|query failed/)).toHaveCount(0);
  }
  expect(complaints.list).toEqual([]);
});

test("what does not exist yet is named, with a next step", async ({ page }) => {
  const complaints = await Complaints.of(page);
  await page.goto(`${daymark.url}d/payment`);
  await expect(panel(page, "Payments by outcome").getByText("this metric does not exist yet")).toBeVisible();
  await expect(panel(page, "Payments by outcome").getByText("payments_total")).toBeVisible();
  await expect(panel(page, "Payments by outcome").getByRole("link", { name: "See what is scraped" })).toBeVisible();
  await expectAccessible(page);
  expect(complaints.list).toEqual([]);
});

test("only what is on the screen is asked for", async ({ page }) => {
  const watched = new Set<number>();
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => {
      const message = JSON.parse(String(payload)) as { type: string; id: number };
      if (message.type === "subscribe") watched.add(message.id);
      if (message.type === "unsubscribe") watched.delete(message.id);
    });
  });
  await page.setViewportSize({ width: 1440, height: 500 });
  await page.goto(`${daymark.url}d/machine`);
  await expect(panel(page, "Processor").getByText("%").first()).toBeVisible();
  const atTop = watched.size;
  expect(atTop).toBeGreaterThan(4);
  await panel(page, "TCP connections").scrollIntoViewIfNeeded();
  await expect(page.getByRole("group", { name: /^TCP connections/ })).toBeVisible();
  await expect.poll(() => watched.size).toBeLessThan(20);
  await page.evaluate(() => window.scrollTo(0, 0));
  await expect.poll(() => watched.size).toBe(atTop);
});

test("is operated by mouse: list, search, rows, menu, full screen, data, kiosk, time", async ({ page }) => {
  const complaints = await Complaints.of(page);
  await page.goto(`${daymark.url}dashboards`);
  const list = page.getByRole("list", { name: "Dashboards" });
  await expect(list.getByRole("listitem")).toHaveCount(4);
  await expectAccessible(page);
  await page.getByRole("searchbox", { name: "Search dashboards" }).fill("node_exporter");
  await expect(list.getByRole("listitem")).toHaveCount(1);
  await expect(page).toHaveURL(/q=node_exporter$/);
  await page.getByRole("searchbox", { name: "Search dashboards" }).fill("");
  await page.getByRole("button", { name: "services 2" }).click();
  await expect(list.getByRole("listitem")).toHaveCount(2);
  await page.getByRole("button", { name: "services 2" }).click();
  await list.getByRole("link", { name: "This machine" }).click();
  await expect(page).toHaveURL(/\/d\/machine\?from=now-15m&to=now$/);

  const row = page.getByRole("button", { name: "Processor and memory" });
  await expect(panel(page, "Pressure")).toBeVisible();
  await row.click();
  await expect(panel(page, "Pressure")).toHaveCount(0);
  await row.click();
  await page.getByRole("button", { name: /^Kernel/ }).click();
  await panel(page, "Open files").scrollIntoViewIfNeeded();
  await expect(page.getByRole("group", { name: /^Open files/ })).toBeVisible();

  const memory = panel(page, "Memory").last();
  await memory.scrollIntoViewIfNeeded();
  await memory.hover();
  await memory.getByRole("button", { name: "Menu: Memory" }).click();
  await expectAccessible(page);
  await page.getByRole("menuitem", { name: "View full screen" }).click();
  await expect(page).toHaveURL(/viewPanel=\d+$/);
  await expect(page.locator("[data-panel]")).toHaveCount(1);
  const first = await newestStep(page, "Memory");
  expect(Math.abs(first - Date.now())).toBeLessThan(15_000);
  await expect.poll(() => newestStep(page, "Memory")).toBeGreaterThan(first);
  await page.reload();
  await expect(page.locator("[data-panel]")).toHaveCount(1);
  await expect(page.getByRole("group", { name: /^Memory: used/ })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page).not.toHaveURL(/viewPanel/);
  await expect(page.locator("[data-panel]")).not.toHaveCount(1);

  await page.getByRole("button", { name: "Kiosk" }).click();
  await expect(page).toHaveURL(/kiosk=true/);
  await expect(page.getByRole("navigation", { name: "Pages" })).toBeHidden();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("navigation", { name: "Pages" })).toBeVisible();

  const to = Math.floor(Date.now() / 1000) * 1000;
  await page.goto(`${daymark.url}d/machine?from=${to - 60_000}&to=${to}`);
  await expect(page.getByRole("group", { name: /^Processor by mode:/ })).toBeVisible();
  await expect(panel(page, "Processor by mode").getByText(/^until \d\d:\d\d:\d\d$/)).toBeVisible();
  expect(complaints.list).toEqual([]);
});

test("is operated with the keyboard alone", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const complaints = await Complaints.of(page);
  await page.goto(daymark.url);
  await expect(page.getByText("live", { exact: true })).toBeVisible();
  await page.keyboard.press("g");
  await page.keyboard.press("d");
  const link = page.getByRole("link", { name: "Daymark itself" });
  await link.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Daymark itself" })).toBeVisible();

  const row = page.getByRole("button", { name: /^Collecting/ });
  await row.focus();
  await page.keyboard.press("Enter");
  await expect(row).toHaveAttribute("aria-expanded", "false");
  await page.keyboard.press("Enter");

  const menu = page.getByRole("button", { name: "Menu: Scrape duration" });
  await menu.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitem", { name: "Explore this" })).toBeVisible();
  await page.getByRole("menuitem", { name: "Copy link" }).press("Enter");
  await expect(page.getByRole("menuitem", { name: "Copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/d\/daymark\?.*viewPanel=\d+$/);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toHaveCount(0);
  await page.keyboard.press("f");
  await expect(page).toHaveURL(/kiosk=true/);
  await page.keyboard.press("Escape");
  await expect(page).not.toHaveURL(/kiosk/);
  expect(complaints.list).toEqual([]);
});

for (const count of [0, 1, 500]) {
  test(`the list with ${count} dashboards, and hostile ones among them`, async ({ page }) => {
    const complaints = await Complaints.of(page);
    const hostile = `<script>alert(1)</script>${"w".repeat(200)}`;
    await page.route("**/api/daymark/v1/dashboards", (route) =>
      route.fulfill({
        json: {
          dashboards: Array.from({ length: count }, (_, i) => ({
            uid: `board-${i}`, title: i === 0 ? hostile : `Board ${i}`, description: hostile, tags: [hostile, `tag-${i % 30}`], built_in: false, panels: i,
          })),
        },
      }),
    );
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 844 });
      await page.goto(`${daymark.url}dashboards`);
      await expect(page.getByText(count === 1 ? "1 dashboard" : `${count} dashboards`, { exact: true })).toBeVisible();
      await expectNoOverflow(page);
      await expectAccessible(page);
    }
    if (count === 0) await expect(page.getByText("There are no dashboards.")).toBeVisible();
    if (count === 500) {
      await page.getByRole("button", { name: "and 400 more" }).click();
      await expect(page.getByRole("list", { name: "Dashboards" }).getByRole("listitem")).toHaveCount(500);
    }
    expect(complaints.list).toEqual([]);
  });
}

test("an unknown dashboard says so", async ({ page }) => {
  await page.goto(`${daymark.url}d/nothing`);
  await expect(page.getByRole("alert").getByText('there is no dashboard with the uid "nothing"', { exact: false })).toBeVisible();
  await page.getByRole("alert").getByRole("link", { name: "All dashboards" }).click();
  await expect(page.getByRole("list", { name: "Dashboards" }).getByRole("listitem")).toHaveCount(4);
});

test.describe("below a prefix, with hostile labels and 500 series", () => {
  let service: Server;
  let other: Daymark;
  const hostile = "<img src=x onerror=alert(1)>";

  test.beforeAll(async () => {
    service = createServer((_, response) => {
      const lines = Array.from({ length: 500 }, (_, i) => `many{name="${hostile}${"w".repeat(150)}",number="${i}"} ${i}`);
      response.setHeader("Content-Type", "text/plain; version=0.0.4");
      response.end(`${lines.join("\n")}\n`);
    }).listen(0, "127.0.0.1");
    await once(service, "listening");
    const { port } = service.address() as AddressInfo;
    other = await Daymark.start(["--config.file=prometheus.yml", "--web.route-prefix=/daymark"], {
      "prometheus.yml": `global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: many\n  static_configs: [{targets: ["127.0.0.1:${port}"]}]\n`,
    });
  });
  test.afterAll(async () => {
    service.close();
    service.closeAllConnections();
    await other.end();
  });

  for (const width of [1440, 390]) {
    test(`every kind of panel stays in its place, ${width} px wide`, async ({ page }) => {
      const complaints = await Complaints.of(page);
      await page.setViewportSize({ width, height: 900 });
      const kinds = ["timeseries", "stat", "gauge", "bargauge", "table", "heatmap", "text"];
      const options = { mode: "markdown", content: `# ${hostile}\n\n[x](javascript:alert(1)) **bold**` };
      await page.route("**/api/daymark/v1/dashboards/kinds", (route) =>
        route.fulfill({
          json: {
            meta: { uid: "kinds", built_in: false, file: "" },
            dashboard: {
              uid: "kinds", title: hostile.repeat(8), description: hostile, tags: [], time: { from: "now-5m", to: "now" },
              panels: [
                ...kinds.map((type, i) => ({
                  id: i + 1, type, title: `${type} ${hostile}`, gridPos: { x: (i % 3) * 8, y: 8 * Math.floor(i / 3), w: 8, h: 8 },
                  targets: type === "text" ? [] : [{ refId: "A", expr: "many", legendFormat: "{{name}} {{number}}", instant: type === "table" }],
                  options: type === "text" ? options : {},
                })),
                { id: 20, type: "stat", title: "Broken", gridPos: { x: 8, y: 16, w: 8, h: 8 }, targets: [{ refId: "A", expr: "sum(" }], options: {} },
              ],
            },
          },
        }),
      );
      await page.goto(`${other.url}daymark/d/kinds`);
      const of = (type: string) => panel(page, `${type} ${hostile}`).first();
      const told: Record<string, string> = {
        timeseries: "40 of 500 series drawn", stat: "12 of 500 series shown", gauge: "8 of 500 series shown", bargauge: "the first 50 of 500 series", table: "the first 200 of 500 rows",
        heatmap: "Not drawn yet", text: "[x](javascript:alert(1))",
      };
      for (const type of kinds) {
        await of(type).scrollIntoViewIfNeeded();
        // Narrow heads cut the note; it is there all the same.
        await expect(of(type).getByText(told[type]!).first()).toBeAttached();
      }
      await expect(panel(page, "Broken").getByText("The expression cannot be read")).toBeVisible();
      await expectNoOverflow(page);
      await expectAccessible(page);
      await page.screenshot({ path: test.info().outputPath(`kinds-${width}.png`), fullPage: true });
      expect(complaints.list).toEqual([]);
    });
  }
});

test("a lost connection is said, and what was drawn stays", async ({ page }) => {
  const away = await Daymark.start();
  try {
    const complaints = await Complaints.of(page);
    await page.goto(`${away.url}d/machine`);
    await expect(page.getByRole("group", { name: /^Processor by mode:/ })).toBeVisible();
    await away.stop("SIGKILL");
    await expect(panel(page, "Processor by mode").getByText(/^until \d\d:\d\d:\d\d$/)).toBeVisible();
    await expect(page.getByRole("group", { name: /^Processor by mode:/ })).toBeVisible();
    await away.run();
    await expect(panel(page, "Processor by mode").getByText(/ago$/)).toBeVisible({ timeout: 30_000 });
    expect(complaints.besidesOutage()).toEqual([]);
  } finally {
    await away.end();
  }
});

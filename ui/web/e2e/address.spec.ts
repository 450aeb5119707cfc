import { expect, test, type Page } from "@playwright/test";
import { Daymark } from "./daymark";
import { Complaints, newestStep, readTable } from "./watch";

async function ready(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expect(page.getByText("All calm:", { exact: true })).toBeVisible();
}

test.describe("the address is the state", () => {
  let daymark: Daymark;
  test.beforeAll(async () => {
    daymark = await Daymark.start();
  });
  test.afterAll(() => daymark.end());

  test("dragging over a chart shows only that span, and there are ways back", async ({ page }) => {
    const live = `${daymark.url}?from=now-20s&to=now`;
    await ready(page, live);
    // A point a second, from the start of the server on.
    await expect
      .poll(async () => (await readTable(page, "Load average")).rows.filter(({ cells }) => cells[0] !== "").length, { timeout: 60_000 })
      .toBeGreaterThan(15);
    const chart = page.getByRole("group", { name: /^Load average:/ });
    await chart.scrollIntoViewIfNeeded();
    const box = (await chart.boundingBox())!;
    const drag = async () => {
      await page.mouse.move(box.x + box.width * 0.4, box.y + 80);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.7, box.y + 80, { steps: 5 });
      await page.mouse.move(box.x + box.width * 0.9, box.y + 80, { steps: 5 });
      await page.mouse.up();
      // What is pointed at is told instead of the age.
      await page.mouse.move(5, 5);
    };
    await drag();
    await expect(page).toHaveURL(/\?from=\d{13}&to=\d{13}$/);
    await expect(page.getByText(/^until \d\d:\d\d:\d\d$/).first()).toBeVisible();
    const { rows } = await readTable(page, "Load average");
    const params = new URL(page.url()).searchParams;
    expect(rows.at(-1)!.ms).toBeGreaterThanOrEqual(Number(params.get("from")));
    expect(rows[0]!.ms).toBeLessThanOrEqual(Number(params.get("to")));
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.every(({ cells }) => cells[0] !== "")).toBe(true);

    await page.goBack();
    await expect(page).toHaveURL(live);
    await expect(page.getByText("live", { exact: true })).toBeVisible();

    await drag();
    await page.getByRole("button", { name: "Back to live" }).click();
    await expect(page).toHaveURL(live);

    await drag();
    await expect(page).toHaveURL(/from=/);
    await chart.dblclick({ position: { x: box.width / 2, y: 60 } });
    await expect(page).toHaveURL(live);
  });

  test("a pasted link shows the same", async ({ page }) => {
    const to = Math.floor(Date.now() / 1000) * 1000;
    await page.goto(`${daymark.url}?from=${to - 60_000}&to=${to}`);
    await expect(page.getByRole("button", { name: "Back to live" })).toBeVisible();
    await page.goto(`${daymark.url}?from=now-15m&to=now`);
    await expect(page.getByRole("button", { name: "Time range: last 15 min" })).toBeVisible();
  });

  test("the pointer of one panel is read in all of them", async ({ page }) => {
    await ready(page, daymark.url);
    const at = async (name: RegExp) => (await page.getByRole("group", { name }).boundingBox())!;
    const box = await at(/^Load average:/);
    await page.mouse.move(box.x + box.width * 0.95, box.y + 60);
    await page.mouse.move(box.x + box.width * 0.96, box.y + 60);
    for (const panel of ["Load average", "Memory in use"]) {
      const cursor = page.getByRole("region", { name: panel, exact: true }).locator(".u-cursor-x");
      await expect(cursor).not.toHaveCSS("transform", /matrix\(1, 0, 0, 1, -10,/);
    }
  });

  test("everything can be done with the keyboard", async ({ page }) => {
    const complaints = await Complaints.of(page);
    await ready(page, daymark.url);
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("main")).toBeFocused();

    // From the content on, Tab reaches a chart, where the keys point and zoom.
    const chart = page.getByRole("group", { name: /^Load average:/ });
    for (let i = 0; i < 40 && !(await chart.evaluate((element) => element === document.activeElement)); i++) {
      await page.keyboard.press("Tab");
    }
    await expect(chart).toBeFocused();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Shift+ArrowLeft");
    await expect(page.getByText(/^\d\d:\d\d:\d\d: 1 min /)).toHaveCount(1);
    await page.keyboard.press("+");
    await expect(page).toHaveURL(/from=\d{13}/);
    await page.keyboard.press("0");
    await expect(page).toHaveURL(daymark.url);

    await page.getByRole("button", { name: /^Time range/ }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("button", { name: "last 5 min", exact: true })).toBeFocused();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/from=now-15m/);
    await expect(page.getByRole("button", { name: /^Time range: last 15 min/ })).toBeVisible();
    expect(complaints.list).toEqual([]);
  });

  test("an address without a page says so, and leads back", async ({ page }) => {
    await page.goto(`${daymark.url}nowhere`);
    await expect(page.getByText("There is no page here")).toBeVisible();
    await page.getByRole("link", { name: "Go to Overview" }).click();
    await expect(page.getByText("All calm:", { exact: true })).toBeVisible();
  });

  test("a tab of an older build offers to reload, and goes on working", async ({ page }) => {
    await page.addInitScript(() => {
      document.addEventListener("readystatechange", () => {
        if (document.readyState !== "interactive" || sessionStorage.getItem("reloaded") !== null) return;
        sessionStorage.setItem("reloaded", "yes");
        document.querySelector('meta[name="daymark-build"]')?.setAttribute("content", "0123456789abcdef");
      });
    });
    await ready(page, daymark.url);
    await expect(page.getByText(/^A newer Daymark is running\./)).toBeVisible();
    const first = await newestStep(page, "Load average");
    await expect.poll(() => newestStep(page, "Load average")).toBeGreaterThan(first);
    await page.getByRole("button", { name: "Reload" }).click();
    await expect(page.getByText("All calm:", { exact: true })).toBeVisible();
    await expect(page.getByText(/^A newer Daymark is running/)).toHaveCount(0);
  });

  test("a page that lost one of its files offers to reload, and is never blank", async ({ page }) => {
    await page.route(/assets\/OverviewPage-.*\.js$/, (route) => route.fulfill({ status: 404, body: "gone" }));
    await page.goto(daymark.url);
    await expect(page.getByText(/A part of this page could not be loaded/)).toBeVisible();
    await page.unroute(/assets\/OverviewPage-.*\.js$/);
    await page.getByRole("button", { name: "Reload" }).first().click();
    await expect(page.getByText("All calm:", { exact: true })).toBeVisible();
  });
});

test("everything works below a path", async ({ page }) => {
  const daymark = await Daymark.start(["--web.external-url=http://127.0.0.1/daymark/"]);
  try {
    const complaints = await Complaints.of(page);
    const url = `${daymark.url}daymark/`;
    await ready(page, url);
    const first = await newestStep(page, "Load average");
    await expect.poll(() => newestStep(page, "Load average")).toBeGreaterThan(first);
    await page.getByRole("button", { name: /^Time range/ }).click();
    await page.getByRole("button", { name: "last 15 min" }).click();
    await expect(page).toHaveURL(`${url}?from=now-15m&to=now`);
    const to = Math.floor(Date.now() / 1000) * 1000;
    await page.goto(`${url}?from=${to - 60_000}&to=${to}`);
    expect((await readTable(page, "Load average")).rows.length).toBeGreaterThan(10);
    await page.goto(`${url}nowhere/at/all`);
    await expect(page.getByText("There is no page here")).toBeVisible();
    expect(complaints.list).toEqual([]);
  } finally {
    await daymark.end();
  }
});

import { expect, test, type Page } from "@playwright/test";
import { Daymark, freePort } from "./daymark";
import { Complaints, expectAccessible, expectNoOverflow } from "./watch";

const title = (page: Page) => page.getByRole("heading", { level: 1 });

const calm = (page: Page) => page.getByText("All calm:", { exact: true });

/** Opens the palette where it is closed, and types. */
async function search(page: Page, text: string): Promise<void> {
  const field = page.getByRole("combobox", { name: "Search" });
  if (!(await field.isVisible())) await page.keyboard.press("Control+k");
  await field.fill(text);
}

const found = (page: Page, name: string | RegExp) => page.getByRole("listbox", { name: "Found" }).getByRole("option", { name }).first();

/** The pages, as the rail names them. */
const pages = [["Overview", "o", ""], ["Dashboards", "d", "dashboards"], ["Explore", "e", "explore"], ["Alerts", "a", "alerts"], ["Targets", "t", "targets"]] as const;

test.describe("around every page", () => {
  let daymark: Daymark;
  test.beforeAll(async () => {
    daymark = await Daymark.start();
  });
  test.afterAll(() => daymark.end());

  test("every page is reached by keys and by mouse, and keeps the time", async ({ page }) => {
    const complaints = await Complaints.of(page);
    await page.goto(`${daymark.url}?from=now-15m&to=now`);
    for (const [label, key, path] of pages.toReversed()) {
      await expect(title(page)).not.toHaveText(label);
      await page.keyboard.press("g");
      await page.keyboard.press(key);
      await expect(title(page)).toHaveText(label);
      await expect(page).toHaveURL(`${daymark.url}${path}?from=now-15m&to=now`);
    }
    const rail = page.getByRole("navigation", { name: "Pages" });
    for (const [label] of pages.toReversed()) {
      await rail.getByRole("link", { name: label }).click();
      await expect(title(page)).toHaveText(label);
      await expect(rail.getByRole("link", { name: label })).toHaveAttribute("aria-current", "page");
    }
    await page.goBack();
    await expect(title(page)).toHaveText("Dashboards");
    expect(complaints.list).toEqual([]);
  });

  test("keys do nothing while text is typed, and t, / and ? open what they say", async ({ page }) => {
    await page.goto(daymark.url);
    await expect(calm(page)).toBeVisible();
    await page.keyboard.press("/");
    const field = page.getByRole("combobox", { name: "Search" });
    await expect(field).toBeFocused();
    await page.keyboard.type("g e ?");
    await expect(field).toHaveValue("g e ?");
    await page.keyboard.press("Escape");
    await expect(field).toHaveCount(0);
    await page.keyboard.press("t");
    await expect(page.getByRole("button", { name: "last 24 h", exact: true })).toBeVisible();
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Shortcuts" }).getByText("go to Explore")).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(title(page)).toHaveText("Overview");
  });

  for (const scheme of ["light", "dark"] as const) {
    for (const width of [1440, 390]) {
      test(`the palette finds pages, dashboards, metrics and targets: ${scheme}, ${width} px`, async ({ page }) => {
        const complaints = await Complaints.of(page);
        await page.emulateMedia({ colorScheme: scheme });
        await page.setViewportSize({ width, height: 900 });
        await page.goto(daymark.url);
        await expect(calm(page)).toBeVisible();
        await search(page, "load1");
        await expect(found(page, "node_load1 Metric, in Explore")).toHaveAttribute("aria-selected", "true");
        await expectAccessible(page);
        await expectNoOverflow(page);
        await page.screenshot({ path: test.info().outputPath("palette.png") });
        await page.keyboard.press("Enter");
        await expect(page).toHaveURL(`${daymark.url}explore?expr=node_load1`);
        await expect(page).toHaveTitle("Explore · Daymark");
        await expect(page.getByRole("group", { name: /^Graph: node_load1/ })).toBeVisible();
        // From inside the editor as well.
        await page.getByRole("textbox", { name: "Query A" }).focus();
        await search(page, "this machine");
        await found(page, /^This machine Dashboard/).click();
        await expect(page).toHaveURL(/\/d\/machine\?from=now-15m&to=now$/);
        await expect(page.getByRole("heading", { name: "This machine", level: 2 })).toBeVisible();
        await expect(page).toHaveTitle("This machine · Daymark");
        await search(page, "node up");
        await expect(found(page, "Target of job node, up")).toBeVisible();
        await page.keyboard.press("Escape");
        await search(page, "targets");
        await expect(found(page, /^Targets Page/)).toHaveAttribute("aria-selected", "true");
        await page.keyboard.press("Enter");
        await expect(title(page)).toHaveText("Targets");
        await search(page, '"><script>');
        await expect(page.getByRole("dialog").getByText("Nothing by that name")).toBeVisible();
        await page.keyboard.press("Escape");
        await expect(page.getByRole("dialog")).toHaveCount(0);
        await page.goBack();
        await expect(page).toHaveTitle("This machine · Daymark");
        await page.goBack();
        await expect(page.getByRole("textbox", { name: "Query A" })).toHaveText("node_load1");
        await page.goForward();
        await page.goForward();
        await expect(title(page)).toHaveText("Targets");
        expect(complaints.list).toEqual([]);
      });
    }
  }

  test("of 500 metrics the palette shows some, hostile names as text", async ({ page }) => {
    const complaints = await Complaints.of(page);
    const hostile = `<img src=x onerror=alert(1)>${"w".repeat(200)}\u202e`;
    await page.route("**/api/v1/label/__name__/values?*", (route) =>
      route.fulfill({ json: { status: "success", data: [hostile, ...Array.from({ length: 500 }, (_, i) => `www_${i}`)] } }),
    );
    await page.goto(daymark.url);
    await expect(calm(page)).toBeVisible();
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await search(page, "ww");
      const options = page.getByRole("dialog").getByRole("option");
      await expect(options).toHaveCount(12);
      await search(page, "img");
      await expect(options).toHaveText([`${hostile} Metric, in Explore`]);
      await expectNoOverflow(page);
      await expectAccessible(page);
      await page.screenshot({ path: test.info().outputPath(`hostile-${width}.png`) });
      await page.keyboard.press("Escape");
    }
    expect(await page.locator("img").count()).toBe(0);
    expect(complaints.list).toEqual([]);
  });

  test("a server that answers 500 is mentioned, and the commands work", async ({ page }) => {
    await page.route("**/api/v1/label/__name__/values?*", (route) => route.fulfill({ status: 500, json: { status: "error", error: "the disk is full" } }));
    await page.goto(daymark.url);
    await expect(calm(page)).toBeVisible();
    await search(page, "dark colours");
    await expect(page.getByRole("dialog").getByText("Metrics are not among these: the disk is full.")).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press("Enter");
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
  });

  test("time and colours are chosen with the keyboard; back and forward follow", async ({ page }) => {
    const complaints = await Complaints.of(page);
    const tab = () => page.keyboard.press("Tab");
    const shown = page.getByRole("button", { name: /^Time range/ });
    await page.goto(`${daymark.url}explore?expr=up`);
    await expect(page.getByRole("group", { name: /^Graph:/ })).toBeVisible();
    await page.keyboard.press("t");
    const last15 = page.getByRole("button", { name: "last 15 min", exact: true });
    await expect(last15).toBeVisible();
    for (let i = 0; i < 12 && !(await last15.evaluate((element) => element === document.activeElement)); i++) await tab();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(`${daymark.url}explore?expr=up&from=now-15m&to=now`);
    await expect(shown).toHaveText("last 15 min");
    await expect(page.getByRole("dialog")).toHaveCount(0);

    await page.keyboard.press("t");
    const from = page.getByLabel(/^From/);
    await from.fill("2026-03-01T12:00:00");
    await page.getByLabel(/^To/).fill("2026-03-01T11:00:00");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("alert").getByText("The end must come after the start.")).toBeVisible();
    await expectAccessible(page);
    await page.getByLabel(/^To/).fill("2026-03-01T13:00:00");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(`${daymark.url}explore?expr=up&from=${Date.UTC(2026, 2, 1, 11)}&to=${Date.UTC(2026, 2, 1, 12)}`);
    await expect(page.getByRole("button", { name: "Back to live" })).toBeVisible();
    await page.goBack();
    await expect(shown).toHaveText("last 15 min");
    await page.goBack();
    await expect(page).toHaveURL(`${daymark.url}explore?expr=up`);
    await page.goForward();
    await expect(shown).toHaveText("last 15 min");

    await page.getByRole("button", { name: /^Colours/ }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitemradio", { name: "Light" }).press("Enter");
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "light");
    expect(complaints.list).toEqual([]);
  });

  test("where there is no page, it says so and leads on", async ({ page }) => {
    const complaints = await Complaints.of(page);
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(`${daymark.url}no/such/${"w".repeat(200)}<script>`);
      await expect(page.getByRole("heading", { name: "There is no page here" })).toBeVisible();
      await expect(page).toHaveTitle("Daymark");
      await expectNoOverflow(page);
      await expectAccessible(page);
    }
    await page.goto(`${daymark.url}alerts/nothing`);
    await expect(page.getByRole("heading", { name: "There is no page here" })).toBeVisible();
    await page.goto(`${daymark.url}config`);
    await expect(page.getByRole("heading", { name: "Configuration: as data only" })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Go to Overview" }).click();
    await expect(calm(page)).toBeVisible();
    expect(complaints.list.filter((line) => !line.includes("404"))).toEqual([]);
  });

  test("while the server is away every page opens, the palette works and says what is missing", async ({ page }) => {
    const complaints = await Complaints.of(page);
    // The pages' code comes by itself, after the first page.
    const editor = page.waitForResponse(/assets\/ExpressionEditor-.*\.js$/);
    const last = page.waitForResponse(/assets\/TargetsPage-.*\.js$/);
    await page.goto(daymark.url);
    await expect(calm(page)).toBeVisible();
    await (await editor).finished();
    await (await last).finished();
    await daymark.stop();
    await expect(page.getByText(/^Reconnecting/)).toBeVisible();
    await search(page, "node_load1");
    await expect(page.getByRole("dialog").getByText("Metrics and dashboards are not among these: Daymark did not answer.")).toBeVisible();
    await expectAccessible(page);
    for (const [label, key] of pages.toReversed()) {
      await search(page, label);
      await expect(found(page, `${label} Page`)).toHaveAttribute("aria-selected", "true");
      await page.keyboard.press("Enter");
      await expect(title(page)).toHaveText(label);
      await page.keyboard.press("Escape");
      await page.keyboard.press("g");
      await page.keyboard.press(key);
      await expect(page.getByText("This page could not be drawn")).toHaveCount(0);
    }
    await expect(page.getByText(/A newer Daymark/)).toHaveCount(0);
    await daymark.run();
    await expect(page.getByText(/^Reconnecting/)).toHaveCount(0, { timeout: 30_000 });
    await expect(calm(page)).toBeVisible();
    expect(complaints.besidesOutage()).toEqual([]);
  });
});

/** What Prometheus and Alertmanager write into notifications and bookmarks, and where it leads. */
async function followLinks(page: Page, url: string): Promise<void> {
  const expr = 'sum by (job) (up{job=~".+"}) > 0';
  await page.goto(`${url}graph?g0.expr=${encodeURIComponent(expr)}&g0.tab=1`);
  await expect(page).toHaveURL(`${url}explore?${new URLSearchParams({ expr, tab: "table" }).toString()}`);
  await expect(page.getByRole("textbox", { name: "Query A" })).toHaveText(expr);
  await expect(page.getByRole("region", { name: "Values" })).toBeVisible();

  await page.goto(`${url}query?g0.expr=up&g0.show_tree=0&g0.tab=graph&g0.range_input=15m&g0.res_type=auto&g0.display_mode=lines`);
  await expect(page).toHaveURL(`${url}explore?expr=up&from=now-15m&to=now`);
  await expect(page.getByRole("group", { name: /^Graph:/ })).toBeVisible();

  await page.goto(`${url}#/alerts?receiver=daymark&filter=${encodeURIComponent('{alertname="A"}')}`);
  await expect(page).toHaveURL(`${url}alerts?filter=%7Balertname%3D%22A%22%7D&receiver=daymark`);
  await expect(title(page)).toHaveText("Alerts");
  // In a tab that is open already only the fragment changes.
  await page.goto(`${url}#/silences/new?filter=${encodeURIComponent('{alertname="A", job="x"}')}`);
  await expect(page).toHaveURL(new RegExp("/alerts/silences/new\\?filter="));
  await page.goto(`${url}rules`);
  await expect(page).toHaveURL(`${url}alerts/rules`);
  await page.goto(`${url}service-discovery`);
  await expect(page).toHaveURL(`${url}targets`);
  await page.goto(`${url}flags`);
  await expect(page.getByRole("link", { name: "/api/v1/status/flags" })).toHaveAttribute("href", `${url}api/v1/status/flags`);
}

test("links of Prometheus and Alertmanager open the right page", async ({ page }) => {
  const daymark = await Daymark.start();
  try {
    const complaints = await Complaints.of(page);
    await followLinks(page, daymark.url);
    expect(complaints.list).toEqual([]);
  } finally {
    await daymark.end();
  }
});

test("and below the path of an external URL, where everything else works as well", async ({ page }) => {
  const port = await freePort();
  const daymark = await Daymark.start([`--web.external-url=http://127.0.0.1:${port}/some/path`], {}, { port, path: "some/path/" });
  try {
    const complaints = await Complaints.of(page);
    const url = `${daymark.url}some/path/`;
    await followLinks(page, url);
    await page.goto(url);
    await page.keyboard.press("g");
    await page.keyboard.press("e");
    await expect(page).toHaveURL(`${url}explore`);
    await page.getByRole("textbox", { name: "Query A" }).click();
    await page.keyboard.type("node_loa");
    await expect(page.getByRole("option", { name: /^node_load1\b/ })).toBeVisible();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search" }).fill("load15");
    await found(page, /^node_load15/).click();
    await expect(page).toHaveURL(`${url}explore?expr=node_load15`);
    await expect(page.getByRole("group", { name: /^Graph: node_load15/ })).toBeVisible();
    expect(complaints.list).toEqual([]);
  } finally {
    await daymark.end();
  }
});

test("and below a route prefix alone", async ({ page }) => {
  const daymark = await Daymark.start(["--web.route-prefix=/day"], {}, { path: "day/" });
  try {
    const complaints = await Complaints.of(page);
    await followLinks(page, `${daymark.url}day/`);
    expect(complaints.list).toEqual([]);
  } finally {
    await daymark.end();
  }
});

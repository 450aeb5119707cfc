import { expect, test } from "@playwright/test";
import { Daymark } from "./daymark";
import { Complaints, expectAccessible, expectNoOverflow, newestStep } from "./watch";

let daymark: Daymark;

test.beforeAll(async () => {
  daymark = await Daymark.start();
});
test.afterAll(() => daymark.end());

for (const scheme of ["light", "dark"] as const) {
  for (const width of [1440, 390]) {
    test(`Overview streams this machine, in ${scheme}, ${width} px wide`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: width > 500 ? 900 : 844 });
      const complaints = await Complaints.of(page);
      await page.goto(daymark.url);

      await expect(page.getByText("All calm:", { exact: true })).toBeVisible();
      await expect(page.getByText(/last sample \d+ s ago/)).toBeVisible();
      await expect(page.getByText("live", { exact: true })).toBeVisible();
      await expect(page.getByText("Alerts are sent to nobody yet.")).toBeVisible();
      await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", scheme);

      const first = await newestStep(page, "Load average");
      expect(Math.abs(first - Date.now())).toBeLessThan(10_000);
      await expect.poll(() => newestStep(page, "Load average")).toBeGreaterThanOrEqual(first + 3000);
      await page.getByRole("button", { name: "Show data: Load average" }).click();

      await expectNoOverflow(page);
      await expectAccessible(page);
      await page.screenshot({ path: test.info().outputPath(`overview-${scheme}-${width}.png`), fullPage: true });
      expect(complaints.list).toEqual([]);
    });
  }
}

test("every control opens without breaking the policy, and can be read", async ({ page }) => {
  const complaints = await Complaints.of(page);
  await page.goto(daymark.url);
  await expect(page.getByText("All calm:", { exact: true })).toBeVisible();

  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Shortcuts" })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", { name: "Shortcuts" })).toBeHidden();

  await page.keyboard.press("Control+k");
  const search = page.getByRole("combobox", { name: "Search" });
  await expect(search).toBeFocused();
  await expectAccessible(page);
  await search.fill("last 6");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/from=now-6h&to=now$/);
  await page.goBack();

  const colours = page.getByRole("button", { name: /^Colours/ });
  await colours.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitemradio", { checked: true })).toBeFocused();
  await page.getByRole("menuitemradio", { name: "Dark" }).press("Enter");
  await expect(page.getByRole("menu")).toHaveCount(0);
  await expect(colours).toBeFocused();
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");

  await page.getByRole("button", { name: /^Time range/ }).click();
  await expect(page.getByRole("button", { name: "last 6 h" })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "How to change that" }).click();
  await expect(page.getByText("--alertmanager.config.file=alertmanager.yml")).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("button", { name: "Show data: Load average" }).click();
  await expect(page.getByRole("region", { name: "Data of Load average" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("region", { name: "Data of Load average" })).toHaveCount(0);
  await expect(page.getByText("--alertmanager.config.file=alertmanager.yml")).toBeHidden();
  expect(complaints.list).toEqual([]);
});

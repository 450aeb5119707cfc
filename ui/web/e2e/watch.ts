import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** Notes everything that a page should not say. */
export class Complaints {
  readonly list: string[] = [];

  /** Begins to listen; before the page's first navigation. */
  static async of(page: Page): Promise<Complaints> {
    const complaints = new Complaints();
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.list.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => complaints.list.push(`error: ${error.message}`));
    await page.exposeFunction("noteViolation", (text: string) => complaints.list.push(`policy: ${text}`));
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        const { violatedDirective, blockedURI, sample } = event;
        const note = Reflect.get(window, "noteViolation") as (text: string) => void;
        note(`${violatedDirective} ${blockedURI} ${sample}`);
      });
    });
    return complaints;
  }

  /** What is left when the browser's own lines, and axe's, about a server that is away are taken out. */
  besidesOutage(): string[] {
    return this.list.filter((line) => !/ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED|WebSocket connection to .* failed|Couldn't load preload assets/.test(line));
  }
}

/** No serious or critical violation of accessibility rules. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(grave.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`)).toEqual([]);
}

/** Nothing sticks out to the side. */
export async function expectNoOverflow(page: Page): Promise<void> {
  const { scroll, inner } = await page.evaluate(() => ({
    scroll: document.documentElement.scrollWidth,
    inner: document.documentElement.clientWidth,
  }));
  expect(scroll).toBeLessThanOrEqual(inner);
}

/** Opens a panel's Show data and reads its exact values: newest step first. */
export async function readTable(page: Page, panel: string): Promise<{ names: string[]; rows: { ms: number; cells: string[] }[] }> {
  const toggle = page.getByRole("button", { name: `Show data: ${panel}`, exact: true });
  if ((await toggle.getAttribute("aria-expanded")) !== "true") await toggle.click();
  const region = page.getByRole("region", { name: `Data of ${panel}`, exact: true });
  await expect(region.getByRole("row").nth(1)).toBeVisible();
  // Read in one go: the table moves.
  return region.evaluate((element) => ({
    names: [...element.querySelectorAll("thead th")].slice(1).map((cell) => cell.textContent),
    rows: [...element.querySelectorAll("tbody tr")].map((row) => ({
      ms: Number(row.getAttribute("data-ms")),
      cells: [...row.querySelectorAll("td")].map((cell) => cell.getAttribute("data-value") ?? ""),
    })),
  }));
}

/** The newest step of a panel. */
export async function newestStep(page: Page, panel: string): Promise<number> {
  const { rows } = await readTable(page, panel);
  return Math.max(0, ...rows.filter(({ cells }) => cells.some((cell) => cell !== "")).map(({ ms }) => ms));
}

import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { spotlight } from "@mantine/spotlight";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PageEntry } from "../parts/pageEntry";
import { FakeServer } from "../testing/fakeServer";
import { FakeSocket } from "../testing/fakeSocket";
import { hello, renderPage, type Played } from "../testing/page";
import { Palette } from "./Palette";

const pages: readonly PageEntry[] = [
  { path: "/", label: "Overview", shortcut: "g o", icon: () => null, load: () => Promise.resolve(), routes: ["/"], Page: () => null },
];
const script = '<img src=x onerror="alert(1)">';
const metricsAsked = "GET api/v1/label/__name__/values";

let server: FakeServer;
let page: Played | null = null;

const options = () => screen.queryAllByRole("option");
const labels = () => options().map((option) => option.textContent);

function open() {
  page = renderPage(<Palette pages={pages} setRange={() => undefined} />);
  page.say(hello(Date.now()));
  act(() => spotlight.open());
  return screen.getByRole("combobox", { name: "Search" });
}

const knows = (...names: string[]) => server.on(metricsAsked, { data: names });

beforeEach(() => {
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
  server = new FakeServer();
  server.on("GET api/daymark/v1/dashboards", {
    dashboards: [{ uid: "machine", title: "This machine", description: "", tags: [], built_in: true, panels: 14 }],
  });
  knows();
  history.replaceState(null, "", "/");
});
afterEach(() => {
  act(() => spotlight.close());
  page?.stop();
});

describe("the palette", () => {
  it("takes the first that is found, also when it came late, and opens it in Explore", async () => {
    knows("node_load1", "node_load15", "upload1");
    await userEvent.type(open(), "load1");
    await waitFor(() => expect(labels()).toHaveLength(3));
    expect(screen.getByRole("option", { selected: true }).textContent).toContain("node_load1 ");
    await userEvent.keyboard("{Enter}");
    expect(location.pathname + location.search).toBe("/explore?expr=node_load1");
    await waitFor(() => expect(screen.queryByRole("combobox")).toBeNull());
  });

  it("is walked with the arrows, round the end, and says to a screen reader where", async () => {
    knows("node_load1", "node_load15", "upload1");
    const search = open();
    await userEvent.type(search, "load1");
    await waitFor(() => expect(labels()).toHaveLength(3));
    await userEvent.keyboard("{ArrowUp}");
    const last = options()[2]!;
    expect(last.getAttribute("aria-selected")).toBe("true");
    expect(search.getAttribute("aria-activedescendant")).toBe(last.id);
    await userEvent.keyboard("{ArrowDown}{ArrowDown}");
    expect(options()[1]!.getAttribute("aria-selected")).toBe("true");
  });

  it("reaches a dashboard with the mouse", async () => {
    await userEvent.type(open(), "this mach");
    await userEvent.click(await screen.findByRole("option", { name: /^This machine/ }));
    expect(location.pathname).toBe("/d/machine");
  });

  it("asks for metrics with what is typed as text, and shows some of many", async () => {
    knows(...Array.from({ length: 600 }, (_, i) => `many_${i}`), "many");
    await userEvent.type(open(), "many");
    await waitFor(() => expect(labels()[0]).toMatch(/^many /));
    expect(labels().length).toBeLessThanOrEqual(12);
    await userEvent.type(screen.getByRole("combobox"), ".*(");
    await waitFor(() => expect(screen.getByRole("status").textContent).toBe("Nothing by that name"));
    const asked = new URLSearchParams(server.asked.filter(({ path }) => path.includes("__name__")).at(-1)?.path.split("?")[1]);
    expect(asked.get("match[]")).toBe(String.raw`{__name__=~"(?i).*many\\.\\*\\(.*"}`);
    expect(asked.get("limit")).toBe("1000");
  });

  it("shows hostile names as text", async () => {
    knows(script);
    await userEvent.type(open(), "onerror");
    await waitFor(() => expect(labels()).toEqual([`${script} Metric, in Explore`]));
    expect(document.querySelector("img")).toBeNull();
    await userEvent.keyboard("{Enter}");
    expect(new URLSearchParams(location.search).get("expr")).toBe(`{${JSON.stringify(script)}}`);
  });

  it("finds everything else when the server answers 500, and says quietly what is missing", async () => {
    server.on(metricsAsked, () => ({ status: 500, body: { status: "error", error: "the disk is full" } }));
    await userEvent.type(open(), "over");
    await waitFor(() => expect(screen.getByRole("status").textContent).toBe("Metrics are not among these: the disk is full."));
    expect(labels()).toEqual(["Overview Page"]);
    await userEvent.keyboard("{Enter}");
    expect(location.pathname).toBe("/");
  });

  it("finds everything else when the server does not answer", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    await userEvent.type(open(), "over");
    await waitFor(() => expect(screen.getByRole("status").textContent).toBe("Metrics and dashboards are not among these: Daymark did not answer."));
    expect(labels()).toEqual(["Overview Page"]);
  });
});

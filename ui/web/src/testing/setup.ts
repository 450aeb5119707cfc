import { cleanup } from "@testing-library/react";
import { afterEach, vi } from "vitest";

afterEach(() => cleanup());

const nothing = () => undefined;

// What a browser has and jsdom has not. Nothing here is asked what it drew.
vi.stubGlobal("matchMedia", (query: string) => ({
  matches: false,
  media: query,
  addEventListener: nothing,
  removeEventListener: nothing,
}));
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe = nothing;
    unobserve = nothing;
    disconnect = nothing;
  },
);
Element.prototype.scrollIntoView = nothing;
vi.stubGlobal(
  "Path2D",
  class {
    moveTo = nothing;
    lineTo = nothing;
    rect = nothing;
    arc = nothing;
    closePath = nothing;
    addPath = nothing;
  },
);
const canvas = new Proxy({}, { get: () => () => ({ width: 0 }), set: () => true });
Object.defineProperty(HTMLCanvasElement.prototype, "getContext", { value: () => canvas });

// As index.html has it: addresses of the API do not depend on the page's own.
const base = document.createElement("base");
base.href = "/";
document.head.append(base);

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import type { Plugin } from "vite";

const server = process.env.DAYMARK_URL ?? "http://127.0.0.1:5470";

/** In `vite dev` nobody fills in what the server writes into index.html, so this does. */
function serverTokens(): Plugin {
  return {
    name: "daymark-server-tokens",
    apply: "serve",
    transformIndexHtml: {
      order: "post",
      handler: (html) =>
        html.replaceAll("{{nonce}}", "dev").replaceAll("{{base}}", "/").replaceAll("{{build}}", "dev"),
    },
  };
}

export default defineConfig({
  // Relative addresses follow <base href>, so the same bytes work below any path.
  base: "./",
  css: { modules: { generateScopedName: "[name]_[local]" } },
  html: { cspNonce: "{{nonce}}" },
  plugins: [react(), serverTokens()],
  build: {
    outDir: "../../embed/ui",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      "/api": {
        target: server,
        ws: true,
        // The server answers only to its own Host and Origin.
        changeOrigin: true,
        headers: { origin: server },
      },
    },
  },
  test: {
    projects: [
      { extends: true, test: { name: "pure", environment: "node", include: ["src/**/*.test.ts"] } },
      {
        extends: true,
        test: { name: "page", environment: "jsdom", include: ["src/**/*.test.tsx"], setupFiles: ["src/testing/setup.ts"], testTimeout: 20_000 },
      },
    ],
  },
});

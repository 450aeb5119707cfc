import { readFileSync } from "node:fs";
import { join } from "node:path";
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

/** The licences of what is not code: Vite's own list has none of the fonts. */
function fontLicences(): Plugin {
  return {
    name: "daymark-font-licences",
    apply: "build",
    generateBundle(_, bundle) {
      const packages = Object.values(bundle).flatMap((file) =>
        file.type !== "asset" || !file.names.some((name) => name.endsWith(".woff2"))
          ? []
          : file.originalFileNames.flatMap((name) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(name)?.[1] ?? []),
      );
      const texts = [...new Set(packages)].sort().map((name) => {
        const folder = join(import.meta.dirname, "node_modules", name);
        const version = /"version": "([^"]+)"/.exec(readFileSync(join(folder, "package.json"), "utf8"))?.[1];
        if (version === undefined) throw new Error(`${name} has no version`);
        return `## ${name} - ${version}\n\n${readFileSync(join(folder, "LICENSE"), "utf8").trim()}\n`;
      });
      this.emitFile({ type: "asset", fileName: "third-party-fonts.md", source: `# Fonts\n\n${texts.join("\n")}` });
    },
  };
}

export default defineConfig({
  // Relative addresses follow <base href>, so the same bytes work below any path.
  base: "./",
  css: { modules: { generateScopedName: "[name]_[local]" } },
  html: { cspNonce: "{{nonce}}" },
  plugins: [react(), serverTokens(), fontLicences()],
  build: {
    outDir: "../../embed/ui",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Part of the third-party notices (.ci/notices).
    license: { fileName: "third-party.md" },
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

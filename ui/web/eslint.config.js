import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import { defineConfig } from "eslint/config";
import ts from "typescript-eslint";

/**
 * Imports point down: pages, shell → panels, promql → chart, live, api, url → time, units, parts, theme.
 * Each folder names what it may not import; everything else is below it.
 */
const above = {
  "src/time": ["units", "parts", "theme", "api", "live", "url", "chart", "panels", "pages", "shell", "promql"],
  "src/units": ["time", "parts", "theme", "api", "live", "url", "chart", "panels", "pages", "shell", "promql"],
  "src/theme": ["time", "units", "parts", "api", "live", "url", "chart", "panels", "pages", "shell", "promql"],
  "src/parts": ["api", "live", "url", "chart", "panels", "pages", "shell", "promql"],
  "src/api": ["parts", "theme", "live", "url", "chart", "panels", "pages", "shell", "promql"],
  "src/url": ["parts", "theme", "live", "api", "chart", "panels", "pages", "shell", "promql"],
  "src/live": ["parts", "theme", "url", "chart", "panels", "pages", "shell", "promql"],
  "src/chart": ["live", "api", "url", "panels", "pages", "shell", "promql"],
  "src/panels": ["pages", "shell", "promql"],
  "src/promql": ["url", "live", "chart", "panels", "pages", "shell"],
  "src/pages": ["shell"],
  "src/shell": ["pages", "panels", "chart", "promql"],
};

/** @type {import("eslint").Linter.Config[]} */
const boundaries = Object.entries(above).map(([folder, banned]) => ({
  files: [`${folder}/**/*.{ts,tsx}`],
  rules: {
    "@typescript-eslint/no-restricted-imports": [
      "error",
      {
        patterns: banned.map((name) => ({
          group: [`../${name}/*`, `../../${name}/*`, `../../../${name}/*`],
          message: `${folder} may not import ${name}: imports point down.`,
          // A chart draws frames, so it knows their shape; it fetches none.
          allowTypeImports: folder === "src/chart" && name === "api",
        })),
      },
    ],
  },
}));

export default defineConfig(
  { ignores: ["node_modules", "test-results", "playwright-report", "coverage"] },
  js.configs.recommended,
  ts.configs.strictTypeChecked,
  ts.configs.stylisticTypeChecked,
  hooks.configs.flat["recommended-latest"],
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-assertions": ["error", { assertionStyle: "never" }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/consistent-type-definitions": "off",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "no-console": "error",
      // The compiler knows what is defined.
      "no-undef": "off",
      "no-restricted-syntax": [
        "error",
        { selector: "TSEnumDeclaration", message: "Use a union of strings." },
        { selector: "ExportDefaultDeclaration", message: "Export by name." },
        { selector: "ExportAllDeclaration", message: "No barrel files." },
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: "Labels and annotations are text.",
        },
      ],
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      eqeqeq: "error",
    },
  },
  boundaries,
  {
    // The edges of the program: bytes become types here, and only here.
    files: ["src/api/**/*.ts", "e2e/**/*.ts"],
    rules: { "@typescript-eslint/consistent-type-assertions": "off" },
  },
  {
    files: ["**/*.test.{ts,tsx}", "e2e/**", "scripts/**", "src/testing/**"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/consistent-type-assertions": "off",
      "no-console": "off",
    },
  },
  {
    // What these tools load by its default export.
    files: ["*.config.{ts,js}", "e2e/setup.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
);

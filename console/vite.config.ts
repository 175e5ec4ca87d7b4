/** How the console is built: one page under /console/, hashed files, nothing inlined (the CSP forbids it). */
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds the API: its default address. */
const API = "http://127.0.0.1:8080";

export default defineConfig({
  base: "/console/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "dist/console",
    target: "es2022",
    // The policy is script-src 'self' and font-src 'self': a data: font or an inline module preload would be refused.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  css: { preprocessorOptions: { scss: { quietDeps: true } } },
  server: { proxy: { "/v1": { target: API, ws: true } } },
  test: { environment: "node", include: ["tests/**/*.test.ts", "app/tests/**/*.test.ts"] },
});

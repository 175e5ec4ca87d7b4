/** How the patient's app is built: one page under /app/, hashed files, and a service worker that knows them all. */
import { defineConfig } from "vite";
import { knowingItsFiles } from "./known_files.js";

const HERE = new URL(".", import.meta.url).pathname;
const API = "http://127.0.0.1:8080";

export default defineConfig({
  root: HERE,
  base: "/app/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [knowingItsFiles(`${HERE}public/`)],
  build: {
    outDir: "../dist/app",
    emptyOutDir: true,
    target: "es2022",
    // As the console's: the policy refuses whatever stands inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    rolldownOptions: {
      input: { index: `${HERE}index.html`, sw: `${HERE}worker/sw.ts` },
      // A worker's address is its name: it must not change with what is in it.
      output: { entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
  css: { preprocessorOptions: { scss: { quietDeps: true } } },
  server: { port: 5174, proxy: { "/v1": { target: API } } },
});

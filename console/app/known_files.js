// In JavaScript: it runs in Node.js alone, whose types the pages do not have.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

/** The names by which worker/sw.ts asks for what only the build knows. */
const FILES = "__FILES__";
const EDITION = "__EDITION__";

export function knowingItsFiles(folder) {
  return {
    name: "knowing-its-files",
    apply: "build",
    enforce: "post",
    generateBundle(_, bundle) {
      const worker = bundle["sw.js"];
      if (worker?.type !== "chunk") throw new Error("the service worker was not built");
      if (worker.imports.length > 0) throw new Error("a service worker that imports is not one file");
      const digest = createHash("sha256").update(worker.code);
      const files = Object.values(bundle)
        .filter((file) => file !== worker)
        .sort((one, other) => (one.fileName < other.fileName ? -1 : 1));
      for (const file of files) digest.update(file.fileName).update(file.type === "chunk" ? file.code : file.source);
      const kept = readdirSync(folder).sort();
      for (const name of kept) digest.update(name).update(readFileSync(folder + name));
      const names = [...files.map(({ fileName }) => fileName).filter((name) => name !== "index.html"), ...kept];
      const edition = digest.digest("hex").slice(0, 16);
      worker.code = worker.code.replaceAll(FILES, JSON.stringify(names)).replaceAll(EDITION, JSON.stringify(edition));
    },
  };
}

/** Says what is wrong with an OpenAPI document, a line each; ends with 1 if anything is. Asks no network. */
import { readFile } from "node:fs/promises";
import core from "@stoplight/spectral-core";
import parsers from "@stoplight/spectral-parsers";
import ruleset from "./ruleset.mjs";

const [path] = process.argv.slice(2);
const spectral = new core.Spectral();
spectral.setRuleset(ruleset);
const found = await spectral.run(new core.Document(await readFile(path, "utf8"), parsers.Yaml, path));
for (const { range, code, message, path: where } of found) {
  console.log(`${path}:${range.start.line + 1} ${code}: ${message} (${where.join(".")})`);
}
process.exitCode = found.length === 0 ? 0 : 1;

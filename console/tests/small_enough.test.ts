/** Functions and modules stay small enough to be read at once: the bounds of the Python code, held here too. */
import ts from "typescript";
import { expect, test } from "vitest";

const MOST_LINES_OF_A_FUNCTION = 40;
const MOST_LINES_OF_A_MODULE = 400;

/** Their text by path; without what a program makes and none but the compiler reads. */
const MODULES = Object.entries(
  import.meta.glob<string>(["../{src,app/src,app/worker}/**/*.{ts,tsx}", "!../src/**/*.gen.ts"], { query: "?raw", import: "default", eager: true }),
);

/** "path:line name (lines)" of each function that is too long. */
function longFunctions(path: string, text: string): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const lines = lineOf(file, node.end) - lineOf(file, node.getStart()) + 1;
      if (lines > MOST_LINES_OF_A_FUNCTION) found.push(`${path}:${lineOf(file, node.getStart())} ${nameOf(node)} (${lines})`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function lineOf(file: ts.SourceFile, position: number): number {
  return file.getLineAndCharacterOfPosition(position).line + 1;
}

function nameOf(node: ts.SignatureDeclaration): string {
  const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  return named?.getText() ?? "a function without a name";
}

test("no function is longer than forty lines", () => {
  expect(MODULES.length).toBeGreaterThan(100);
  expect(MODULES.flatMap(([path, text]) => longFunctions(path, text))).toEqual([]);
}, 60_000);

test("no module is longer than four hundred lines", () => {
  const long = MODULES.filter(([, text]) => text.trimEnd().split("\n").length > MOST_LINES_OF_A_MODULE);
  expect(long.map(([path]) => path)).toEqual([]);
});

test("one line too many is found, and named", () => {
  const long = (lines: number): string => `const long = () => {\n${"  void 0;\n".repeat(lines - 2)}};\n`;
  expect(longFunctions("a.ts", long(MOST_LINES_OF_A_FUNCTION))).toEqual([]);
  expect(longFunctions("a.ts", `\n${long(MOST_LINES_OF_A_FUNCTION + 1)}`)).toEqual(["a.ts:2 long (41)"]);
});

// Holds dashboard files against Grafana's types: node dashboards.mjs FILE.json… What is wrong is printed with its line.
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const here = dirname(fileURLToPath(import.meta.url));
const options = {
  strict: true,
  noEmit: true,
  types: [],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
};

// Each file becomes a module whose lines are those of the file.
const modules = new Map(
  process.argv.slice(2).map((file) => [
    join(here, `${basename(file)}.ts`),
    `import type { DashboardFile } from './dashboard'; export const it: DashboardFile = ${readFileSync(file, 'utf8')}`,
  ]),
);
const host = ts.createCompilerHost(options);
const { getSourceFile, fileExists, readFile } = host;
host.fileExists = (path) => modules.has(path) || fileExists.call(host, path);
host.readFile = (path) => modules.get(path) ?? readFile.call(host, path);
host.getSourceFile = (path, language, ...rest) =>
  modules.has(path)
    ? ts.createSourceFile(path, modules.get(path), language)
    : getSourceFile.call(host, path, language, ...rest);

const wrong = ts.getPreEmitDiagnostics(ts.createProgram([...modules.keys()], options, host));
for (const { file, start, messageText } of wrong) {
  const place = file ? `${basename(file.fileName, '.ts')}:${file.getLineAndCharacterOfPosition(start).line + 1}: ` : '';
  console.error(place + ts.flattenDiagnosticMessageText(messageText, '\n'));
}
console.log(`${modules.size} dashboards, ${wrong.length} faults`);
process.exit(wrong.length ? 1 : 0);

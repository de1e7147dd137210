import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../paths.js';

const pageFolder = join(packageRoot, 'page');
const styleFiles = ['report.css', 'samples.css', 'viewer.css'] as const;

/** The style of the page: its files one after the other. */
export async function pageStyle(): Promise<string> {
  const files = await Promise.all(styleFiles.map((file) => readFile(join(pageFolder, file), 'utf8')));
  return files.join('\n');
}

/**
 * The script of the page as one text: `main.js` with all modules that it imports, each behind those that it imports
 * itself. The modules import names from files beside them and export declarations, nothing else; their top-level
 * names are unlike each other.
 */
export async function pageScript(): Promise<string> {
  const modules = new Map<string, string>();
  await collect('main.js', modules);
  return `(() => {\n'use strict';\n${[...modules.values()].join('\n')}})();\n`;
}

const importStatement = /^import \{[^}]*\} from '\.\/([\w-]+\.js)';\n/gm;

async function collect(file: string, modules: Map<string, string>): Promise<void> {
  if (modules.has(file)) return;
  const source = await readFile(join(pageFolder, file), 'utf8');
  for (const [, name] of source.matchAll(importStatement)) await collect(name!, modules);
  modules.set(
    file,
    source.replace(importStatement, '').replace(/^export (?=const|let|function|class|async)/gm, ''),
  );
}

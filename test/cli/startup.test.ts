import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.js';

/** Packages and files that loading a module loads, without its dynamic imports. */
function staticImports(
  file: string,
  seen = new Set<string>(),
): { packages: Set<string>; files: Set<string> } {
  const packages = new Set<string>();
  seen.add(file);
  const source = readFileSync(file, 'utf8');
  const statement = /^(?:import|export)\b(?:[^'"();]*?\bfrom)?\s*['"]([^'"]+)['"];/gm;
  for (const [, specifier] of source.matchAll(statement)) {
    if (!specifier!.startsWith('.')) {
      if (!specifier!.startsWith('node:')) packages.add(specifier!);
      continue;
    }
    const next = resolve(dirname(file), specifier!);
    if (!seen.has(next)) for (const name of staticImports(next, seen).packages) packages.add(name);
  }
  return { packages, files: seen };
}

test('the start of the program loads yargs and a handful of its own files, nothing else', () => {
  const { packages, files } = staticImports(join(packageRoot, 'dist', 'cli', 'main.js'));
  expect([...packages]).toEqual(['yargs']);
  expect(files.size).toBeGreaterThan(4);
  expect(files.size).toBeLessThan(15);
});

test('no command loads onnxruntime or pyodide before it runs', () => {
  for (const name of ['generate', 'explain', 'doctor', 'table1', 'run', 'sweep', 'config', 'verify']) {
    const { packages } = staticImports(join(packageRoot, 'dist', 'cli', `${name}.js`));
    expect(packages, name).not.toContain('onnxruntime-node');
    expect(packages, name).not.toContain('pyodide');
  }
});

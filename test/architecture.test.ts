import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../src/paths.js';

/** Folders of `src/` from low to high (design, section 2): a file imports its own layer and those before it. */
const layers = [
  'errors.ts',
  'suggest.ts',
  'paths.ts',
  'group-by.ts',
  'counted.ts',
  'formats',
  'hub',
  'stats',
  'measure',
  'models',
  'graph',
  'engine',
  'caching',
  'decoding',
  'sandbox',
  'scoring',
  'tasks',
  'config',
  'results',
  'report',
  'conformance',
  'experiments',
  'cli',
];

const sourceRoot = join(packageRoot, 'src');

interface Source {
  /** `engine/types.ts` */
  readonly name: string;
  readonly text: string;
  readonly layer: string;
}

const sources: readonly Source[] = readdirSync(sourceRoot, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => {
    const name = file.split(sep).join('/');
    return { name, text: readFileSync(join(sourceRoot, file), 'utf8'), layer: name.split('/')[0]! };
  });

/** The modules that a file names in import, export-from and import(): types too. */
function specifiers(text: string): string[] {
  const code = withoutComments(text);
  const statements = code.matchAll(/^(?:import|export)\b(?:[^'"();]*?\bfrom)?\s*(['"])([^'"\n]+)\1/gm);
  const calls = code.matchAll(/\bimport\(\s*(['"])([^'"\n]+)\1\s*\)/g);
  return [...statements, ...calls].map(([, , specifier]) => specifier!);
}

/** Blanks out comments, so that words in them are not taken for code. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|(?<=^|[\s;{}()])\/\/[^\n]*/g, (comment) =>
    comment.replace(/[^\n]/g, ' '),
  );
}

/** `name:line: text` of every line of code that matches. */
function linesWith(pattern: RegExp, files: readonly Source[]): string[] {
  return files.flatMap(({ name, text }) =>
    withoutComments(text)
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${name}:${i + 1}: ${line.trim()}`] : [])),
  );
}

const inLayers = (...names: string[]) => sources.filter(({ layer }) => names.includes(layer));
const outsideOf = (...names: string[]) => sources.filter(({ layer }) => !names.includes(layer));

describe('the sources', () => {
  test('are found, and every folder has its place in the order', () => {
    expect(sources.length).toBeGreaterThan(80);
    const unknown = [...new Set(sources.map(({ layer }) => layer))].filter((name) => !layers.includes(name));
    expect(unknown).toEqual([]);
  });

  test('import downwards only', () => {
    const upwards = sources.flatMap(({ name, text, layer }) =>
      specifiers(text)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => relative(sourceRoot, resolve(sourceRoot, dirname(name), specifier)))
        .map((target) => target.split(sep).join('/').replace(/\.js$/, '.ts'))
        .filter((target) => layers.indexOf(target.split('/')[0]!) > layers.indexOf(layer))
        .map((target) => `${name} imports ${target}`),
    );
    expect(upwards).toEqual([]);
  });

  test('import files of src/ and packages that package.json lists', () => {
    const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const known = new Set(Object.keys(manifest.dependencies));
    const files = new Set(sources.map(({ name }) => name));
    const foreign = sources.flatMap(({ name, text }) =>
      specifiers(text)
        .filter((specifier) => {
          if (specifier.startsWith('node:')) return false;
          if (!specifier.startsWith('.')) return !known.has(specifier.match(/^(@[^/]+\/)?[^/]+/)![0]);
          const target = relative(sourceRoot, resolve(sourceRoot, dirname(name), specifier));
          const source = target.split(sep).join('/').replace(/\.js$/, '.ts');
          return !files.has(source);
        })
        .map((specifier) => `${name} imports ${specifier}`),
    );
    expect(foreign).toEqual([]);
  });

  test('reach onnxruntime through the engine only', () => {
    const users = outsideOf('engine')
      .filter(({ text }) => specifiers(text).includes('onnxruntime-node'))
      .map(({ name }) => name);
    // The doctor asks whether the library loads at all.
    expect(users).toEqual(['cli/doctor-checks.ts']);
  });

  test('have at most 400 lines each', () => {
    const long = sources
      .map(({ name, text }) => [name, text.split('\n').length - 1] as const)
      .filter(([, lines]) => lines > 400);
    expect(long).toEqual([]);
  });

  test('ask for time and chance in src/measure and src/stats only', () => {
    const clockOrChance = /\bDate\.now\b|\bMath\.random\b|\bperformance\.now\b|\bnew Date\(|\bhrtime\b/;
    expect(linesWith(clockOrChance, outsideOf('measure', 'stats'))).toEqual([]);
    expect(linesWith(clockOrChance, inLayers('measure')).length).toBeGreaterThan(0);
  });

  test('export names, never defaults', () => {
    expect(linesWith(/^\s*export\s+default\b|\bas default\b/, sources)).toEqual([]);
  });

  test('print nothing outside of cli', () => {
    const prints = /\bconsole\.\w+\(|\bprocess\.(?:stdout|stderr)\.write\b/;
    expect(linesWith(prints, outsideOf('cli'))).toEqual([]);
  });
});

test('comments are not taken for code, and strings with slashes are not taken for comments', () => {
  expect(withoutComments("const a = 'https://x'; // Date.now()")).toMatch(/^const a = 'https:\/\/x'; +$/);
  expect(
    specifiers("import { a } from './a.js';\nconst b = await import('./b.js');\n// from './c.js'"),
  ).toEqual(['./a.js', './b.js']);
});

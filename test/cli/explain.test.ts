import { expect, test } from 'vitest';
import { explanationOf } from '../../src/cli/explain-facts.js';
import { listMethods } from '../../src/config/method.js';
import { repro } from './run.js';

interface Explained {
  readonly families: string[];
  readonly preset?: { id: string; source: string };
  readonly parameters: {
    path: string;
    default?: unknown;
    value: unknown;
    values?: unknown[];
    source: string;
    unit?: string;
  }[];
  readonly generation: { path: string; value: unknown }[];
  readonly models: { id: string; settings: { path: string; value: unknown }[] }[];
  readonly presets: { id: string; settings: { path: string; value: unknown }[] }[];
  readonly notes: string[];
}

async function explained(reference: string): Promise<Explained> {
  return JSON.parse((await repro(['explain', reference, '--json'])).stdout) as Explained;
}

test('without a method, every method is listed', async () => {
  const text = await repro(['explain']);
  const json = await repro(['explain', '--json']);
  const ids = (JSON.parse(json.stdout) as { id: string }[]).map(({ id }) => id);
  expect(ids).toEqual(listMethods());
  for (const id of ids) expect(text.stdout).toContain(`${id} (`);
});

test('a method shows its settings with their defaults and where paper and code differ', async () => {
  const { parameters, generation, notes } = await explained('dynamic-dllm-released-pd');
  expect(parameters.map(({ path }) => path)).toEqual([
    'method.cache.layerBudget',
    'method.cache.windowSize',
    'method.cache.selectFrom',
    'method.cache.promptInterval',
    'method.cache.responseInterval',
    'method.unmask.mode',
    'method.unmask.tau0',
    'method.unmask.alpha',
    'method.unmask.beta',
  ]);
  expect(parameters.find(({ path }) => path === 'method.unmask.mode')).toMatchObject({
    values: [0, 1, 2],
    value: 1,
  });
  expect(generation.map(({ path }) => path)).toContain('generation.steps');
  expect(notes.length).toBeGreaterThan(0);
});

test('the text names every setting that JSON has, as --set takes it', async () => {
  const text = await repro(['explain', 'dynamic-dllm-apd']);
  const { parameters, generation, notes } = await explained('dynamic-dllm-apd');
  for (const { path } of [...parameters, ...generation]) expect(text.stdout).toContain(`${path} = `);
  expect(text.stdout).toContain('method.cache.layerBudget = genLength / 8 (auto) [default 32; ');
  const flowing = text.stdout.replace(/\s+/g, ' ');
  for (const note of notes) expect(flowing).toContain(note);
  for (const line of text.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
});

test('settings that differ for other models, and those of presets, stand beside the method', async () => {
  const { families, models, presets } = await explained('dllm-cache');
  expect(families).toEqual(['llada', 'dream']);
  const settings = (promptInterval: number, responseInterval: number) => [
    { path: 'method.cache.promptInterval', value: promptInterval },
    { path: 'method.cache.responseInterval', value: responseInterval },
  ];
  expect(models).toEqual([
    { id: 'llada-1.5', settings: settings(100, 6) },
    { id: 'dream', settings: settings(50, 2) },
  ]);
  const script = presets.find(({ id }) => id === 'dream-instruct-gsm8k');
  expect(script?.settings).toEqual(expect.arrayContaining(settings(25, 2)));
});

test('a preset is explained with its own settings and canvas', async () => {
  const { preset, parameters, generation, presets } = await explained('dynamic-dllm-released-pd@demo');
  expect(preset).toMatchObject({ id: 'demo', source: 'TianyiWu233/DYNAMIC-DLLM, demo' });
  const value = (path: string) => [...parameters, ...generation].find((p) => p.path === path)?.value;
  expect(value('method.unmask.mode')).toBe(0);
  expect(value('method.cache.responseInterval')).toBe(7);
  expect(value('generation.blockLength')).toBe(8);
  expect(presets).toEqual([]);
});

test('methods say on which models they run', async () => {
  expect((await explained('dkv-cache-greedy')).families).toEqual(['llada']);
  expect((await explained('dkv-cache-pd')).families).toEqual(['dream']);
});

test('every method has notes, and every setting of it a source', async () => {
  for (const id of listMethods()) {
    const { parameters, notes } = explanationOf(id);
    expect(notes.length, id).toBeGreaterThan(0);
    for (const { path, source } of parameters) expect(source.length, `${id} ${path}`).toBeGreaterThan(5);
  }
});

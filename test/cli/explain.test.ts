import { expect, test } from 'vitest';
import { listMethods } from '../../src/config/method.js';
import { repro } from './run.js';

interface Explained {
  readonly parameters: { path: string; default?: unknown; value: unknown; values?: unknown[] }[];
  readonly generation: { path: string }[];
  readonly notes: string[];
}

test('without a method, every method is listed', async () => {
  const text = await repro(['explain']);
  const json = await repro(['explain', '--json']);
  const ids = (JSON.parse(json.stdout) as { id: string }[]).map(({ id }) => id);
  expect(ids).toEqual(listMethods());
  for (const id of ids) expect(text.stdout).toContain(`${id} (`);
});

test('a method shows its settings with their defaults and where paper and code differ', async () => {
  const { stdout } = await repro(['explain', 'dynamic-dllm-released-pd', '--json']);
  const { parameters, generation, notes } = JSON.parse(stdout) as Explained;
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
  const [text, json] = [
    await repro(['explain', 'dynamic-dllm-apd']),
    await repro(['explain', 'dynamic-dllm-apd', '--json']),
  ];
  const { parameters, generation, notes } = JSON.parse(json.stdout) as Explained;
  for (const { path } of [...parameters, ...generation]) expect(text.stdout).toContain(`${path} = `);
  expect(text.stdout).toContain('method.cache.layerBudget = genLength / 8 (auto) (default 32)');
  const flowing = text.stdout.replace(/\s+/g, ' ');
  for (const note of notes) expect(flowing).toContain(note);
  for (const line of text.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
});

import { describe, expect, test } from 'vitest';
import { loadExperiment } from '../../src/config/experiment.js';
import { singlePoint } from '../../src/config/experiment-plan.js';
import { resolveExperiment } from '../../src/config/resolve-experiment.js';
import { recordedPlan } from '../../src/report/recorded-plan.js';
import { renderers } from '../../src/report/renderers.js';
import { runReport } from '../../src/report/run-report.js';
import { rowOf } from './rows.js';

const experiment = resolveExperiment(loadExperiment('table2'), { limit: 4 });
const rows = [rowOf('vanilla', 'gsm8k', 3, 301), rowOf('dynamic-dllm', 'gsm8k', 2, 103)];
const budget = 'method.cache.layerBudget';
const sweep = {
  title: 'Budgets',
  points: [8, 16].map((value) => ({ params: { [budget]: value, seed: 1 }, experiment })),
};
const sweptRows = [
  rowOf('vanilla', 'gsm8k', 3, 301),
  rowOf(`dynamic-dllm[${budget}=8]`, 'gsm8k', 2, 103),
  rowOf(`dynamic-dllm[${budget}=16]`, 'gsm8k', 3, 205),
];

/** What comes back from the JSON of a manifest. */
const recorded = (config: object) =>
  recordedPlan({ config: JSON.parse(JSON.stringify(config)) }, 'run/manifest.json');

describe('an experiment', () => {
  test('has the same report from its plan and from its files', async () => {
    const exact = rows.map((row) => ({ ...row, accuracy: row.accuracy! + 1e-9 }));
    const before = await runReport({ plan: singlePoint(experiment), rows: exact, state: 'finished' });
    const after = await runReport({ plan: recorded(experiment), rows, state: 'finished' });
    expect(after).toEqual(before);
    expect(after.title).toBe(
      'Table 2: Accuracy and speed of the methods (reference model with the settings for LLaDA-1.5, mini ' +
        'benchmarks, 4 samples per benchmark)',
    );
    expect(renderers.terminal(after)).toContain('GSM8K');
  });

  test.each(['running', 'interrupted', 'failed'] as const)('that is %s says so', async (state) => {
    const { notes } = await runReport({ plan: recorded(experiment), rows, state });
    expect(notes[0]).toMatch(/^not finished: /);
  });

  test('tells methods of one name apart by their ids', async () => {
    const { methods } = experiment;
    const twin = { ...methods['dynamic-dllm']!, name: methods.vanilla!.name };
    const config = { ...experiment, methods: { ...methods, 'dynamic-dllm': twin } };
    const { figures } = await runReport({ plan: recorded(config), rows, state: 'finished' });
    expect(new Set(figures.map(({ name }) => name))).toEqual(
      new Set(['baseline (vanilla)', 'baseline (dynamic-dllm)']),
    );
  });

  test('on a benchmark that this version lacks is shown by its id', async () => {
    const config = { ...experiment, benchmarks: ['chess'] };
    const chess = rows.map((row) => ({ ...row, benchmark: 'chess' }));
    const { grids } = await runReport({ plan: recorded(config), rows: chess, state: 'finished' });
    expect(grids[0]!.columns.map(({ title }) => title)).toEqual(['chess']);
  });
});

test('a sweep is a list, with the parameters that its labels and columns name', async () => {
  const { figures, grids } = await runReport({ plan: recorded(sweep), rows: sweptRows, state: 'finished' });
  expect(grids[0]!.groups[0]!.rows.map(({ labels }) => labels)).toEqual([
    ['vanilla', '1', '-'],
    ['dynamic-dllm', '1', '8'],
    ['dynamic-dllm', '1', '16'],
  ]);
  expect(grids[0]!.labels).toEqual(['Method', 'seed', 'layerBudget']);
  expect(figures.at(-1)).toMatchObject({ method: 'dynamic-dllm', params: { [budget]: 16, seed: 1 } });
});

test('a config of another version is refused in one sentence', () => {
  const { measure: _, ...old } = experiment;
  expect(() => recorded(old)).toThrow(/^run\/manifest.json: "config.measure": .*; another version of repro/);
  expect(() => recorded({ title: 'x', points: [] })).toThrow(/"config.points/);
});

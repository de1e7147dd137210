import { describe, expect, test } from 'vitest';
import { loadExperiment } from '../../src/config/experiment.js';
import { singlePoint } from '../../src/config/experiment-plan.js';
import { planExperiment } from '../../src/config/plan-experiment.js';
import { resolveExperiment } from '../../src/config/resolve-experiment.js';
import { planGroups } from '../../src/experiments/plan.js';
import { recordedPlan } from '../../src/report/recorded-plan.js';
import { renderers } from '../../src/report/renderers.js';
import { runReport } from '../../src/report/run-report.js';
import type { ManifestCell } from '../../src/results/manifest.js';
import { rowOf } from './rows.js';

const experiment = resolveExperiment(loadExperiment('table2'), { limit: 4 });
const rows = [rowOf('vanilla', 'gsm8k', 3, 301), rowOf('dynamic-dllm', 'gsm8k', 2, 103)];

/** A sweep of the package, planned, with made-up rows of its cells. */
const sweep = planExperiment('layer-budget', {
  limit: 4,
  benchmarks: ['gsm8k'],
});
const cells = (await planGroups(sweep)).flatMap(({ model, benchmark, profile, cells: members }) =>
  members.map(
    (cell): ManifestCell => ({
      ...{
        id: cell.id,
        model: model.id,
        method: cell.label,
        params: { ...cell.params } as ManifestCell['params'],
        benchmark,
        profile,
      },
      ...{
        seed: '1',
        limit: 4,
        configSha256: cell.configSha256,
        modelSha256: 'm',
        dataSha256: 'd',
        eosId: 0,
      },
      ...{ baseline: cell.baseline, samples: 4 },
    }),
  ),
);
const sweptRows = cells.map(({ method, configSha256 }) =>
  rowOf(method, 'gsm8k', 3, 205, { config_sha256: configSha256, model_sha256: 'm' }),
);

const finished = { state: 'finished' as const, shard: null, cells: [] };

/** What comes back from the JSON of a manifest. */
const recorded = (config: object) =>
  recordedPlan({ config: JSON.parse(JSON.stringify(config)) }, 'run/manifest.json');

describe('an experiment', () => {
  test('has the same report from its plan and from its files', async () => {
    const exact = rows.map((row) => ({ ...row, accuracy: row.accuracy! + 1e-9 }));
    const before = await runReport({ plan: singlePoint(experiment), rows: exact, manifest: finished });
    const after = await runReport({ plan: recorded(experiment), rows, manifest: finished });
    expect(after).toEqual(before);
    expect(after.title).toBe(
      'Table 2: Accuracy and speed of the methods (reference model with the settings for LLaDA-1.5, mini ' +
        'benchmarks, 4 samples per benchmark)',
    );
    expect(renderers.terminal(after)).toContain('GSM8K');
  });

  test.each(['running', 'interrupted', 'failed'] as const)('that is %s says so', async (state) => {
    const { notes } = await runReport({
      plan: recorded(experiment),
      rows,
      manifest: { state, shard: null, cells: [] },
    });
    expect(notes[0]).toMatch(/^not finished: /);
  });

  test('that is one part of a run says so', async () => {
    const manifest = { ...finished, shard: { index: 1, of: 4 } };
    const { notes } = await runReport({ plan: recorded(experiment), rows, manifest });
    expect(notes[0]).toBe('part 1 of 4 of the samples; repro merge joins the parts');
  });

  test('says how far the engine is verified on its device', async () => {
    const gpu = { kind: 'webgpu', name: 'GPU', driver: '1.2', threads: 1 } as const;
    const found = { passed: 228, failed: 0, skipped: 0, largestLogitDeviation: 2.41e-5 };
    const certificate = { file: 'a.json', createdAt: '2026-11-25T07:00:00.000Z', ...found };
    const notesOf = async (manifest: object) =>
      (await runReport({ plan: recorded(experiment), rows, manifest: { ...finished, ...manifest } })).notes;
    expect(await notesOf({ device: gpu, certificate })).toContain(
      'engine verified on this device: 228 of 228 recorded vectors, largest logit deviation 0.000024 (2026-11-25)',
    );
    expect(await notesOf({ device: gpu, certificate: null })).toContain(
      'engine not verified on this device; type "repro verify DIR --device webgpu"',
    );
    const processor = await notesOf({ device: { ...gpu, kind: 'cpu' }, certificate: null });
    expect(processor.filter((note) => note.includes('verified'))).toEqual([]);
  });

  test('tells methods of one name apart by their ids', async () => {
    const { methods } = experiment;
    const twin = { ...methods['dynamic-dllm']!, name: methods.vanilla!.name };
    const config = { ...experiment, methods: { ...methods, 'dynamic-dllm': twin } };
    const { figures } = await runReport({ plan: recorded(config), rows, manifest: finished });
    expect(new Set(figures.map(({ name }) => name))).toEqual(
      new Set(['baseline (vanilla)', 'baseline (dynamic-dllm)']),
    );
  });

  test('on a benchmark that this version lacks is shown by its id', async () => {
    const config = { ...experiment, benchmarks: ['chess'] };
    const chess = rows.map((row) => ({ ...row, benchmark: 'chess' }));
    const { grids } = await runReport({ plan: recorded(config), rows: chess, manifest: finished });
    expect(grids[0]!.columns.map(({ title }) => title)).toEqual(['chess']);
  });
});

test('a sweep is a list, with the parameters of its cells, from its plan and from its files', async () => {
  const { id, title, points } = sweep;
  const manifest = { state: 'finished' as const, shard: null, cells };
  const before = await runReport({ plan: sweep, rows: sweptRows, manifest });
  const after = await runReport({ plan: recorded({ id, title, points }), rows: sweptRows, manifest });
  expect(after).toEqual(before);
  expect(after.title).toBe(
    'Sweep: layer budget and window of Dynamic-dLLM (reference model, mini benchmarks, 4 samples per benchmark)',
  );
  const [grid] = after.grids;
  expect(grid!.labels).toEqual(['Method', 'layerBudget', 'windowSize']);
  const labels = grid!.groups[0]!.rows.map((row) => row.labels.join(' '));
  expect(labels).toHaveLength(1 + 4 * 2);
  expect(labels.slice(0, 3)).toEqual(['vanilla - -', 'dynamic-dllm 4 4', 'dynamic-dllm 4 16']);
  expect(after.figures.at(-1)).toMatchObject({
    method: 'dynamic-dllm',
    params: { 'method.cache.layerBudget': 32, 'method.cache.windowSize': 16 },
  });
});

test('a config of another version is refused in one sentence', () => {
  const { measure: _, ...old } = experiment;
  expect(() => recorded(old)).toThrow(/^run\/manifest.json: "config.measure": .*; another version of repro/);
  expect(() => recorded({ title: 'x', points: [] })).toThrow(/"config.points/);
});

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { planExperiment } from '../../src/config/plan-experiment.js';
import { sweepAxes } from '../../src/config/sweep-axes.js';
import { packageRoot } from '../../src/paths.js';
import { type GridInput, gridReport } from '../../src/report/grid-table.js';
import { renderers } from '../../src/report/renderers.js';
import type { SweepCell } from '../../src/report/sweep-table.js';
import type { SummaryRow } from '../../src/results/columns.js';
import { readPaperRows } from '../../src/results/paper.js';
import { sweepCell } from './rows.js';
import { latexTables, markdownTables } from './shape.js';

const alpha = 'method.unmask.alpha';
const beta = 'method.unmask.beta';
const length = 'generation.genLength';

function cell(
  method: string,
  params: SweepCell['params'],
  correct: number,
  ms: number,
  change: Partial<SummaryRow> = {},
): SweepCell {
  return sweepCell(method, params, 'gsm8k', correct, ms, change);
}

const names: Readonly<Record<string, string>> = { vanilla: 'baseline', apd: 'APD only' };
const common = {
  title: 'A grid (reference model)',
  benchmarks: [
    { id: 'gsm8k', title: 'GSM8K' },
    { id: 'math', title: 'MATH' },
  ],
  baseline: 'vanilla',
  precision: 0.05,
  name: (id: string) => names[id] ?? id,
};

const table7: GridInput = {
  ...common,
  axes: sweepAxes(planExperiment('table7').points),
  show: ['accuracy', 'nfe'],
  paper: await readPaperRows(join(packageRoot, 'results', 'paper', 'table7.csv')),
  cells: [
    cell('vanilla', {}, 4, 400),
    cell('apd', { [alpha]: 0.001, [beta]: 0.0008 }, 4, 100, { nfe_mean: 20 }),
    cell('apd', { [alpha]: 0.001, [beta]: 0.008 }, 3, 100, { nfe_mean: 15, errors: 1 }),
    cell('apd', { [alpha]: 0.01, [beta]: 0.008 }, 2, 50, { nfe_mean: 10 }),
  ],
};

describe('two parameters against each other', () => {
  const report = gridReport(table7, ['a remark']);

  test('a grid a figure, published figures at the settings that they are of', () => {
    expect(renderers.terminal(report)).toMatchInlineSnapshot(`
      "A grid (reference model)
      GSM8K, accuracy %
      ┌───────┬───────────────────────────────┬──────────────────────────────┬──────────────┐
      │ alpha │          beta 0.0008          │          beta 0.008          │  beta 0.08   │
      │       ├─────────────────────┬─────────┼────────────────────┬─────────┼──────┬───────┤
      │       │                ours │   paper │               ours │   paper │ ours │ paper │
      ├───────┼─────────────────────┼─────────┼────────────────────┼─────────┼──────┼───────┤
      │ 0.001 │ 100.0 [51.0, 100.0] │ 78.01 q │ 75.0! [30.1, 95.4] │     n/a │    - │     - │
      ├───────┼─────────────────────┼─────────┼────────────────────┼─────────┼──────┼───────┤
      │ 0.01  │                   - │       - │  50.0 [15.0, 85.0] │ 69.75 q │    - │     - │
      ├───────┼─────────────────────┼─────────┼────────────────────┼─────────┼──────┼───────┤
      │ 0.1   │                   - │       - │                  - │       - │    - │     - │
      └───────┴─────────────────────┴─────────┴────────────────────┴─────────┴──────┴───────┘
      GSM8K, NFE (the paper's NIS)
      ┌───────┬────────────────┬────────────────┬──────────────┐
      │ alpha │  beta 0.0008   │   beta 0.008   │  beta 0.08   │
      │       ├──────┬─────────┼──────┬─────────┼──────┬───────┤
      │       │ ours │   paper │ ours │   paper │ ours │ paper │
      ├───────┼──────┼─────────┼──────┼─────────┼──────┼───────┤
      │ 0.001 │ 20.0 │ 95.00 q │ 15.0 │     n/a │    - │     - │
      ├───────┼──────┼─────────┼──────┼─────────┼──────┼───────┤
      │ 0.01  │    - │       - │ 10.0 │ 54.00 q │    - │     - │
      ├───────┼──────┼─────────┼──────┼─────────┼──────┼───────┤
      │ 0.1   │    - │       - │    - │       - │    - │     - │
      └───────┴──────┴─────────┴──────┴─────────┴──────┴───────┘
      a remark
      baseline, which no parameter concerns, on GSM8K: accuracy % 100.0 [51.0, 100.0]; NFE (the paper's NIS) 4.0
      parameters: method.unmask.alpha, method.unmask.beta
      4 samples a benchmark: accuracies are known to +-24.5 to 35.0 points (95 % intervals in summary.csv)
      in brackets 95 % intervals
      ! failed samples (1) count as wrong; see samples.jsonl
      paper: published figures for LLaDA-8B-Instruct (assumed) on other hardware; s stated in the paper, q quoted by a secondary source, i inferred, d derived from other figures; n/a not known
      sources: q GitHub mukul54/DYNAMIC-DLLM README (fork quoting the paper), secondary
      "
    `);
  });

  test('the figures have ours beside the published ones', () => {
    const found = report.figures.find(
      ({ figure, params }) => figure === 'nfe' && params[alpha] === 0.01 && params[beta] === 0.008,
    );
    expect(found).toMatchObject({ ours: 10, published: 54, certainty: 'secondary', unit: 'passes' });
    const none = report.figures.filter(({ params }) => params[alpha] === 0.001 && params[beta] === 0.008);
    for (const { published } of none) expect(published).toBeNull();
  });

  test('fewer passes rank higher', () => {
    const [, nfe] = report.grids;
    const pieces = nfe!.groups[0]!.rows.flatMap(({ cells }) => cells.map((parts) => parts[0]![0]![0]));
    expect(pieces.slice(0, 3)).toEqual([
      { text: '20.0', rank: undefined },
      { text: '15.0', rank: 'second' },
      '-',
    ]);
    expect(pieces[4]).toEqual({ text: '10.0', rank: 'best' });
  });

  test.each(['markdown', 'latex', 'csv', 'json'] as const)('%s draws it whole', (format) => {
    const text = renderers[format](report);
    expect(text).toContain(format === 'csv' || format === 'json' ? '0.7801' : '78.01');
    if (format === 'markdown') {
      for (const rows of markdownTables(text)) for (const row of rows) expect(row).toHaveLength(1 + 6);
    }
    if (format === 'latex') {
      for (const { columns, rows } of latexTables(text)) for (const row of rows) expect(row).toBe(columns);
    }
  });
});

describe('methods against one parameter', () => {
  const report = gridReport({
    ...common,
    axes: sweepAxes(planExperiment('table6').points),
    show: ['accuracy', 'tps'],
    paper: [],
    cells: [
      cell('vanilla', { [length]: 64, 'generation.steps': 64 }, 4, 400),
      cell('vanilla', { [length]: 128, 'generation.steps': 128 }, 4, 800),
      cell('apd', { [length]: 64, 'generation.steps': 64 }, 3, 100),
      cell('apd', { [length]: 128, 'generation.steps': 128 }, 4, 200),
    ],
  });

  test('a row a method, without columns for what is not published', () => {
    const [first] = markdownTables(renderers.markdown(report));
    expect(first!.map((row) => row.map((text) => text.trim()))).toMatchInlineSnapshot(`
      [
        [
          "Method",
          "genLength 64",
          "genLength 128",
          "genLength 256",
        ],
        [
          ":--",
          "--:",
          "--:",
          "--:",
        ],
        [
          "baseline",
          "100.0 \\[51.0, 100.0\\]",
          "100.0 \\[51.0, 100.0\\]",
          "-",
        ],
        [
          "APD only",
          "<ins>75.0</ins> \\[30.1, 95.4\\]",
          "**100.0** \\[51.0, 100.0\\]",
          "-",
        ],
      ]
    `);
    expect(report.notes).toContain('parameters: generation.genLength with generation.steps');
    expect(report.notes.join('\n')).not.toContain('paper:');
  });

  test('speeds that were not measured have no grid', () => {
    const cells = report.figures.length;
    const untimed = gridReport({
      ...common,
      ...{ axes: sweepAxes(planExperiment('table6').points), show: ['accuracy', 'tps'], paper: [] },
      cells: [cell('apd', { [length]: 64 }, 3, 100, { tps: null, tps_low: null, tps_high: null })],
    });
    expect(untimed.grids.map(({ heading }) => heading)).toEqual(['GSM8K, accuracy %']);
    expect(report.grids.map(({ heading }) => heading)).toEqual(['GSM8K, accuracy %', 'GSM8K, TPS']);
    expect(untimed.figures).toHaveLength(cells / 4);
  });
});

import { expect, test } from 'vitest';
import { renderers } from '../../src/report/renderers.js';
import { type SweepInput, sweepReport } from '../../src/report/sweep-table.js';
import { sweepCell as cell } from './rows.js';
import { latexTables, markdownTables } from './shape.js';

const budget = 'method.cache.layerBudget';
const length = 'generation.genLength';

const input: SweepInput = {
  title: 'Budget_and length & more (reference model)',
  benchmarks: [
    { id: 'gsm8k', title: 'GSM8K' },
    { id: 'math', title: 'MATH' },
  ],
  baseline: 'vanilla',
  precision: 0.05,
  cells: [
    cell('vanilla', { [length]: 64 }, 'gsm8k', 4, 400),
    cell('dynamic-dllm', { [length]: 64, [budget]: 8 }, 'gsm8k', 2, 100, {
      verdict: 'worse; speed-up not valid: accuracy is 50.0 points lower',
    }),
    cell('dynamic-dllm', { [length]: 64, [budget]: 16 }, 'gsm8k', 4, 200, {
      tps_low: 19,
      tps_high: 22,
      verdict: 'cannot tell with n = 4 (needs about 90); speed-up not shown to be valid: perhaps',
    }),
    cell('apd', { [length]: 64 }, 'math', 3, 100, { errors: 1, tps_low: null, tps_high: null }),
  ],
};
const report = sweepReport(input);

test('one row a setting, a column a parameter, a block a benchmark', () => {
  expect(renderers.terminal(report)).toMatchInlineSnapshot(`
    "Budget_and length & more (reference model)
    GSM8K
    ┌──────────────┬───────────┬─────────────┬─────────────────────┬────────────────────┬──────────┬─────┬─────────┬─────────┬─────────────┐
    │ Method       │ genLength │ layerBudget │          accuracy % │                TPS │ speed-up │ NFE │ row-NFE │ agree % │ accuracy is │
    ├──────────────┼───────────┼─────────────┼─────────────────────┼────────────────────┼──────────┼─────┼─────────┼─────────┼─────────────┤
    │ vanilla      │ 64        │ -           │ 100.0 [51.0, 100.0] │  10.0 [10.0, 10.0] │    1.00x │ 4.0 │     2.0 │   100.0 │             │
    │ dynamic-dllm │ 64        │ 8           │   50.0 [15.0, 85.0] │  40.0 [40.0, 40.0] │  4.00x x │ 4.0 │     2.0 │   100.0 │ worse       │
    │ dynamic-dllm │ 64        │ 16          │ 100.0 [51.0, 100.0] │ ~20.0 [19.0, 22.0] │  2.00x ? │ 4.0 │     2.0 │   100.0 │ cannot tell │
    └──────────────┴───────────┴─────────────┴─────────────────────┴────────────────────┴──────────┴─────┴─────────┴─────────┴─────────────┘
    MATH
    ┌────────┬───────────┬─────────────┬────────────────────┬───────┬──────────┬─────┬─────────┬─────────┬─────────────┐
    │ Method │ genLength │ layerBudget │         accuracy % │   TPS │ speed-up │ NFE │ row-NFE │ agree % │ accuracy is │
    ├────────┼───────────┼─────────────┼────────────────────┼───────┼──────────┼─────┼─────────┼─────────┼─────────────┤
    │ apd    │ 64        │ -           │ 75.0! [30.1, 95.4] │ ~40.0 │    4.00x │ 4.0 │     2.0 │   100.0 │             │
    └────────┴───────────┴─────────────┴────────────────────┴───────┴──────────┴─────┴─────────┴─────────┴─────────────┘
    parameters: generation.genLength, method.cache.layerBudget; - in their columns: does not concern the method
    4 samples a benchmark: accuracies are known to +-24.5 to 35.0 points (95 % intervals in summary.csv)
    in brackets 95 % intervals
    ! failed samples (1) count as wrong; see samples.jsonl
    ~ speeds whose 95 % interval is wider than +-5 %, or that have none
    ? speed-ups not shown to be valid: with these samples the accuracy may be more than the margin below the baseline (see "verdict" in summary.csv)
    x speed-ups that are not valid: the accuracy is lower, or answers are shorter, than the baseline (see "verdict" in summary.csv)
    agreement: positions equal to the baseline's output, up to the later end of text
    "
  `);
});

test.each([
  ['markdown', 'md'],
  ['latex', 'tex'],
  ['csv', 'csv'],
] as const)('%s, the whole of it', async (format, extension) => {
  await expect(renderers[format](report)).toMatchFileSnapshot(`../fixtures/report/sweep.${extension}`);
});

test('tables are as wide in every row', () => {
  const markdown = markdownTables(renderers.markdown(report));
  expect(markdown.map((rows) => rows.length)).toEqual([5, 3]);
  for (const row of markdown.flat()) expect(row).toHaveLength(3 + 7);
  const latex = latexTables(renderers.latex(report));
  expect(latex.length).toBeGreaterThanOrEqual(2);
  for (const { columns, rows } of latex) for (const cells of rows) expect(cells).toBe(columns);
});

test('a table that is cut repeats what a row is', () => {
  const lines = renderers.terminal(report, { width: 80 }).split('\n');
  for (const line of lines.filter((text) => /[│─]/.test(text))) expect(line.length).toBeLessThanOrEqual(80);
  expect(lines.filter((line) => line.includes('layerBudget ')).length).toBeGreaterThan(2);
});

test('paths that end alike are told apart, and values are shown as they are', () => {
  const params = { 'methods.a.cache.tau': 0.9, 'methods.b.cache.tau': '0.90', 'method.x': null };
  const text = renderers.markdown(sweepReport({ ...input, cells: [cell('a', params, 'gsm8k', 1, 100)] }));
  expect(text).toContain('| Method | a.cache.tau | b.cache.tau | x |');
  expect(text).toContain('| a | 0.9 | 0.90 | null |');
});

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.js';
import { averageColumn, buildTable1, type Table1Input } from '../../src/report/table1.js';
import { renderTable1 } from '../../src/report/terminal.js';
import { readPaperRows } from '../../src/results/paper.js';
import { rowOf } from './rows.js';

const paper = await readPaperRows(join(packageRoot, 'results', 'paper', 'table1.csv'));
const titles = { mmlu: 'MMLU', gsm8k: 'GSM8K', math: 'MATH' };

const input: Table1Input = {
  title: 'Accuracy and speed of the methods (reference model)',
  groups: [
    {
      name: 'One token per step',
      methods: [
        { id: 'vanilla', name: 'baseline' },
        { id: 'dynamic-dllm', name: 'Dynamic-dLLM' },
      ],
    },
    { name: 'Parallel decoding', methods: [{ id: 'dynamic-dllm-apd', name: 'Dynamic-dLLM*' }] },
  ],
  benchmarks: Object.entries(titles).map(([id, title]) => ({ id, title })),
  average: ['mmlu', 'gsm8k'],
  baseline: 'vanilla',
  summary: [
    rowOf('vanilla', 'mmlu', 3, 400),
    rowOf('vanilla', 'gsm8k', 4, 400),
    rowOf('vanilla', 'math', 2, 400),
    rowOf('dynamic-dllm', 'mmlu', 3, 200),
    rowOf('dynamic-dllm', 'gsm8k', 2, 100, { errors: 1 }),
    rowOf('dynamic-dllm', 'math', 1, 200),
    rowOf('dynamic-dllm-apd', 'gsm8k', 4, 80),
  ],
  paper,
};

describe('content', () => {
  const view = buildTable1(input);
  const row = (method: string) => view.groups.flatMap(({ rows }) => rows).find((r) => r.method === method)!;

  test('benchmarks of the average, the average, then MATH', () => {
    expect(view.columns.map(({ id }) => id)).toEqual(['mmlu', 'gsm8k', averageColumn, 'math']);
    expect(view.groups.map(({ rows }) => rows.length)).toEqual([2, 1]);
  });

  test('the average: means, and the ratio of the mean rates', () => {
    const average = row('dynamic-dllm').cells.get(averageColumn)!;
    // 4 canvas tokens in 0.2 s and in 0.1 s against 0.4 s.
    expect(average.accuracy).toBeCloseTo((3 / 4 + 2 / 4) / 2, 12);
    expect(average.tps).toBeCloseTo(30, 9);
    expect(average.speedup).toBeCloseTo(3, 9);
    expect(row('vanilla').cells.get(averageColumn)!.speedup).toBe(1);
  });

  test('a method that lacks a benchmark has no average', () => {
    expect(row('dynamic-dllm-apd').cells.has(averageColumn)).toBe(false);
    expect(row('dynamic-dllm-apd').cells.has('mmlu')).toBe(false);
  });

  test('published figures by column', () => {
    expect(row('vanilla').published.get('gsm8k')!.tps!.value).toBe(8.32);
    expect(row('vanilla').published.get('math')).toEqual({});
    expect(view.publishedModel).toBe('LLaDA-8B-Instruct');
  });

  test('benchmarks and methods that were not run are left out, and the average says so', () => {
    const part = buildTable1({
      ...input,
      average: ['mmlu', 'arc', 'gsm8k'],
      summary: input.summary.filter(({ method, benchmark }) => method === 'vanilla' && benchmark !== 'math'),
    });
    expect(part.columns.map(({ title }) => title)).toEqual(['MMLU', 'GSM8K', 'Average (2 of 3)']);
    expect(part.groups.map(({ name }) => name)).toEqual(['One token per step']);
  });
});

describe('drawing', () => {
  test('in one piece', () => {
    expect(renderTable1(buildTable1(input))).toMatchInlineSnapshot(`
      "Accuracy and speed of the methods (reference model)
      ┌────────────────────────────────┬──────────────────────┬──────────────────────────────────┬──────────────────────────────┬──────────────────────┐
      │ Method                         │         MMLU         │              GSM8K               │           Average            │         MATH         │
      │                                ├──────────────┬───────┼──────────────┬───────────────────┼──────────────┬───────────────┼──────────────┬───────┤
      │                                │         ours │ paper │         ours │             paper │         ours │         paper │         ours │ paper │
      ├────────────────────────────────┴──────────────┴───────┴──────────────┴───────────────────┴──────────────┴───────────────┴──────────────┴───────┤
      │ One token per step                                                                                                                             │
      ├───────────────┬────────────────┬──────────────┬───────┬──────────────┬───────────────────┬──────────────┬───────────────┬──────────────┬───────┤
      │ baseline      │ accuracy %     │         75.0 │   n/a │        100.0 │               n/a │         87.5 │       59.67 q │         50.0 │   n/a │
      │               │ TPS (speed-up) │ 10.0 (1.00x) │   n/a │ 10.0 (1.00x) │            8.32 s │ 10.0 (1.00x) │ n/a (1.00x q) │ 10.0 (1.00x) │   n/a │
      │               │ NFE (row-NFE)  │    4.0 (2.0) │   n/a │    4.0 (2.0) │               n/a │    4.0 (2.0) │           n/a │    4.0 (2.0) │   n/a │
      │               │ agreement %    │        100.0 │   n/a │        100.0 │               n/a │        100.0 │           n/a │        100.0 │   n/a │
      ├───────────────┼────────────────┼──────────────┼───────┼──────────────┼───────────────────┼──────────────┼───────────────┼──────────────┼───────┤
      │ Dynamic-dLLM  │ accuracy %     │         75.0 │   n/a │        50.0! │               n/a │         62.5 │       59.51 q │         25.0 │   n/a │
      │               │ TPS (speed-up) │ 20.0 (2.00x) │   n/a │ 40.0 (4.00x) │ 27.21 d (3.27x q) │ 30.0 (3.00x) │ n/a (2.63x q) │ 20.0 (2.00x) │   n/a │
      │               │ NFE (row-NFE)  │    4.0 (2.0) │   n/a │    4.0 (2.0) │               n/a │    4.0 (2.0) │           n/a │    4.0 (2.0) │   n/a │
      │               │ agreement %    │        100.0 │   n/a │        100.0 │               n/a │        100.0 │           n/a │        100.0 │   n/a │
      ├───────────────┴────────────────┴──────────────┴───────┴──────────────┴───────────────────┴──────────────┴───────────────┴──────────────┴───────┤
      │ Parallel decoding                                                                                                                              │
      ├───────────────┬────────────────┬──────────────┬───────┬──────────────┬───────────────────┬──────────────┬───────────────┬──────────────┬───────┤
      │ Dynamic-dLLM* │ accuracy %     │            - │   n/a │        100.0 │               n/a │            - │       59.33 q │            - │   n/a │
      │               │ TPS (speed-up) │            - │   n/a │ 50.0 (5.00x) │ 37.29 s (4.48x s) │            - │ n/a (3.21x s) │            - │   n/a │
      │               │ NFE (row-NFE)  │            - │   n/a │    4.0 (2.0) │               n/a │            - │           n/a │            - │   n/a │
      │               │ agreement %    │            - │   n/a │        100.0 │               n/a │            - │           n/a │            - │   n/a │
      └───────────────┴────────────────┴──────────────┴───────┴──────────────┴───────────────────┴──────────────┴───────────────┴──────────────┴───────┘
      4 samples a benchmark: accuracies are known to +-24.5 to 35.0 points (95 % intervals in summary.csv)
      ! failed samples (1) count as wrong; see samples.jsonl
      agreement: positions equal to the baseline's output, up to the later end of text
      paper: published figures for LLaDA-8B-Instruct on other hardware; s stated in the paper, q quoted by a secondary source, i inferred, d derived from other figures; n/a not known
      sources: s Dynamic-dLLM arXiv 2606.26120 prose; q papernotes.org note on Dynamic-dLLM (ICLR 2026), secondary; d derived: 8.32 TPS times the speedup in the papernotes.org note
      "
    `);
  });

  test('cut to the width of a terminal, every column once', () => {
    for (const width of [80, 100, 140]) {
      const lines = renderTable1(buildTable1(input), width).split('\n');
      const table = lines.filter((line) => /[│─]/.test(line));
      for (const line of table) expect(line.length).toBeLessThanOrEqual(width);
      for (const title of ['MMLU', 'GSM8K', 'Average', 'MATH']) {
        expect(table.filter((line) => line.includes(` ${title} `))).toHaveLength(1);
      }
    }
    expect(renderTable1(buildTable1(input), 10)).toContain('MMLU');
  });
});

import { expect, test } from 'vitest';
import type { Json } from '../../../src/config/canonical.js';
import { drawSvg } from '../../../src/report/charts/draw.js';
import { runCharts } from '../../../src/report/charts/run-charts.js';
import { sweepReport } from '../../../src/report/sweep-table.js';
import { rowOf } from '../rows.js';
import { manifestOf } from './inputs.js';
import { readBack } from './read-back.js';

function inputOf(
  cells: readonly { method: string; params: Record<string, Json>; right: number; ms?: number }[],
) {
  const report = sweepReport({
    title: 'A sweep',
    cells: cells.map(({ method, params, right, ms }) => ({
      row: rowOf(`${method}[${Object.values(params)}]`, 'gsm8k', right, ms ?? 400),
      params,
    })),
    benchmarks: [{ id: 'gsm8k', title: 'GSM8K' }],
    baseline: 'vanilla',
    precision: 0.05,
  });
  return { report, manifest: manifestOf({ experiment: 'sweep' }) };
}

test('two parameters: a cell with its figure for every setting', async () => {
  const alphas = [0.001, 0.01, 0.1];
  const cells = alphas.flatMap((a, i) =>
    [0.0008, 0.008].map((b, j) => ({ method: 'apd', params: { alpha: a, beta: b }, right: i + j })),
  );
  const input = inputOf([{ method: 'vanilla', params: {}, right: 4 }, ...cells]);
  const chart = runCharts(input).find(({ id }) => id === 'sweep')!;
  const [panel] = readBack(await drawSvg(chart, { width: 900 })).panels;
  expect(panel!.title).toBe('apd on GSM8K: accuracy %');
  expect(panel!.xTicks.map(({ text }) => text)).toEqual(['0.001', '0.01', '0.1']);
  expect(panel!.yTicks.map(({ text }) => text)).toEqual(['0.008', '0.0008']);
  const values = panel!.marks('value');
  expect(values.map(({ text }) => text)).toEqual(['0.0', '25.0', '25.0', '50.0', '50.0', '75.0']);
  const drawn = panel!.marks('cell');
  // Low values are faint, and cells are where their values are.
  expect(drawn.map(({ opacity }) => opacity.toFixed(2))).toEqual([
    '0.05',
    '0.25',
    '0.25',
    '0.45',
    '0.45',
    '0.65',
  ]);
  const left = drawn[0]!;
  expect([left.x < panel!.xTicks[0]!.x, left.x2 > panel!.xTicks[0]!.x]).toEqual([true, true]);
  expect(chart.notes).toContain('without these parameters: vanilla on GSM8K, accuracy 100.0 %');
});

test('one parameter, with another that goes along with it: a line with its points in order', async () => {
  const input = inputOf([
    { method: 'vanilla', params: {}, right: 4 },
    ...[256, 64, 128].map((n, i) => ({
      method: 'apd',
      params: { 'generation.genLength': n, 'generation.steps': n },
      right: i + 1,
    })),
  ]);
  const chart = runCharts(input).find(({ id }) => id === 'sweep')!;
  const [panel] = readBack(await drawSvg(chart, { width: 900 })).panels;
  expect(chart.title).toBe('Accuracy, speed and passes by generation.genLength and generation.steps');
  const dots = panel!.marks('dot');
  expect(dots.map(({ x }) => Math.round(panel!.xValue(x)))).toEqual([64, 128, 256]);
  expect(dots.map(({ y }) => Math.round(panel!.yValue(y)))).toEqual([50, 75, 25]);
  expect(panel!.marks('rule-label').map(({ text }) => text)).toEqual(['vanilla']);
  // At 400 ms a sample all are as fast; a baseline far from the rest would press them into one line.
  expect(chart.notes).toHaveLength(1);
});

test('a method without the parameter that is far away: in words', async () => {
  const input = inputOf([
    { method: 'vanilla', params: {}, right: 4, ms: 4000 },
    ...[1, 2].map((n) => ({ method: 'apd', params: { n }, right: 4, ms: 400 })),
  ]);
  const chart = runCharts(input).find(({ id }) => id === 'sweep')!;
  const [, speed] = readBack(await drawSvg(chart, { width: 900 })).panels;
  expect(speed!.marks('rule')).toEqual([]);
  // 4 canvas tokens in 4 s.
  expect(chart.notes.at(-1)).toBe('too far away to be drawn: vanilla on GSM8K, canvas tokens per second 1.0');
});

test('values that are words: marks at their names', async () => {
  const input = inputOf(
    ['adjacent', 'last', 'never'].map((word, i) => ({ method: 'dcu', params: { compare: word }, right: i })),
  );
  const chart = runCharts(input).find(({ id }) => id === 'sweep')!;
  const [panel] = readBack(await drawSvg(chart, { width: 390 })).panels;
  expect(panel!.xTicks.map(({ text }) => text)).toEqual(['adjacent', 'last', 'never']);
  expect(panel!.marks('dot').map(({ x }) => Math.round(x))).toEqual(
    panel!.xTicks.map(({ x }) => Math.round(x)),
  );
});

test('three parameters have no such picture', () => {
  const input = inputOf(
    [0, 1, 2, 3, 4, 5, 6, 7].map((i) => ({
      method: 'apd',
      params: { a: i & 1, b: i & 2, c: i & 4 },
      right: 1,
    })),
  );
  expect(runCharts(input).map(({ id }) => id)).toEqual(['speed-accuracy']);
});

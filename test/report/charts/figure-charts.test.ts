import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/errors.js';
import { drawSvg } from '../../../src/report/charts/draw.js';
import { readFigureCharts } from '../../../src/report/charts/figure-charts.js';
import { manifestOf } from './inputs.js';
import { type DrawnChart, readBack } from './read-back.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-charts-'));
});
afterAll(() => rm(folder, { recursive: true }));

const manifest = { ...manifestOf({ experiment: 'figure' }), config: {} };

/** Draws one CSV file, given as lines. */
async function drawn(name: string, lines: readonly string[], width = 900): Promise<DrawnChart[]> {
  const dir = await mkdtemp(join(folder, 'run-'));
  await writeFile(join(dir, name), `${lines.join('\n')}\n`);
  const charts = await readFigureCharts(dir, manifest);
  return Promise.all(charts.map(async (chart) => readBack(await drawSvg(chart, { width }))));
}

describe('figure 2', () => {
  const head = 'benchmark,feature,scope,layer,step,rows,similarity,share_below_0.95';
  const rows = ['layer-input', 'attention-output'].flatMap((feature, f) =>
    [0, 1].flatMap((layer) =>
      [1, 2, 3].flatMap((step) => [
        `gsm8k,${feature},response,${layer},${step},9,${0.9 + step / 100 + layer / 1000},${f === 0 ? 0 : 0.1 * step}`,
        `gsm8k,${feature},all,${layer},${step},9,0.1,0.9`,
      ]),
    ),
  );

  test('a cell for every layer and step of the response; the fuller the higher', async () => {
    const [chart] = await drawn('figure2.csv', [head, ...rows]);
    expect(chart!.panels.map(({ title }) => title.slice(0, 14))).toEqual([
      ...['a  layer input', 'b  attention o', 'c  layer input', 'd  attention o'],
    ]);
    const [similarity, , , updates] = chart!.panels;
    const cells = similarity!.marks('cell');
    expect(cells).toHaveLength(6);
    const middle = cells.map(({ x, x2 }) => similarity!.xValue((x + x2) / 2).toFixed(1));
    expect(middle).toEqual(['1.0', '2.0', '3.0', '1.0', '2.0', '3.0']);
    // From the lowest value, 0.91, to 1.
    const value = (opacity: number) => 0.91 + ((opacity - 0.05) / 0.6) * 0.09;
    expect(value(cells[0]!.opacity)).toBeCloseTo(0.91, 3);
    expect(value(cells[5]!.opacity)).toBeCloseTo(0.931, 3);
    expect(updates!.marks('cell').map(({ opacity }) => opacity)).toEqual([
      ...[0.25, 0.45, 0.65, 0.25, 0.45, 0.65],
    ]);
    // Layers go up.
    expect(cells[3]!.y).toBeLessThan(cells[0]!.y);
  });
});

test('figure 2 e: a bar for every length of waiting that tokens have', async () => {
  const [chart] = await drawn('figure2e.csv', [
    'benchmark,tau,steps,tokens,share',
    'gsm8k,0.9,0,90,0.9',
    'gsm8k,0.9,2,6,0.06',
    'gsm8k,0.9,5,4,0.04',
  ]);
  const [panel] = chart!.panels;
  expect(chart!.title).toBe('How long right predictions wait below 0.9');
  expect(panel!.title).toBe('gsm8k: 10.0 % of tokens wait');
  expect(panel!.yTicks.map(({ text }) => text)).toEqual(['1', '2', '3', '4', '5']);
  expect(panel!.marks('bar').map(({ x2 }) => panel!.xValue(x2).toFixed(1))).toEqual(['6.0', '4.0']);
  expect(panel!.marks('value').map(({ text }) => text)).toEqual(['6', '4']);
});

test('figure 4: our correlations, and the published ones as dashed lines with their certainty', async () => {
  const [chart] = await drawn('figure4.csv', [
    'layer,scope,measure,spearman,kept,observations,published,published_certainty,published_source',
    '0,response,key,0.5,9,9,,,',
    '1,response,key,,9,9,,,',
    'all-but-0,response,key,0.6,9,9,,,',
    'all,response,key,0.7,9,9,,,',
    'all,all,key,0.8,9,9,0.99,stated,the paper',
  ]);
  const panel = chart!.panels.find(({ title }) => title === 'key')!;
  expect(panel.xTicks.map(({ text }) => text)).toEqual(['0', '1', '1+', 'all']);
  const dots = panel.marks('dot');
  expect(dots.map(({ y }) => panel.yValue(y).toFixed(2))).toEqual(['0.50', '0.60', '0.70', '0.80']);
  expect(panel.marks('published').map(({ y }) => panel.yValue(y).toFixed(2))).toEqual(['0.99']);
  expect(chart!.texts).toContain('published 0.99 (stated)');
  expect(chart!.description).toContain('source: the paper');
  expect(chart!.panels.find(({ title }) => title === 'value')!.marks('published')).toEqual([]);
});

test('figure 5: a line a layer; 0 has no place on a logarithmic axis', async () => {
  const [chart] = await drawn('figure5.csv', [
    'benchmark,measure,layer,distance,rows,mean',
    ...[0, 1].flatMap((layer) =>
      [-1, 0, 1].map(
        (distance) => `gsm8k,attention-to-key,${layer},${distance},9,${layer === 0 ? 0.1 : distance}`,
      ),
    ),
  ]);
  const panel = chart!.panels.find(({ title }) => title.startsWith('c '))!;
  expect(panel.marks('line')).toHaveLength(2);
  expect(panel.marks('line').map(({ fill }) => fill)).toEqual(['none', 'none']);
  expect(chart!.texts).toEqual(expect.arrayContaining(['layer 0', 'layer 1']));
});

test('figure 7: the confidence of a token by step, the threshold, and what was predicted', async () => {
  const [chart] = await drawn('figure7.csv', [
    'benchmark,sample,position,token,token_text,step,predicted,predicted_text,right,confidence,second,tau,waits,waited,committed_at',
    'gsm8k,s/1,29,5,1,0,7,2,0,0.4,0.3,0.9,0,1,2',
    'gsm8k,s/1,29,5,1,1,5,1,1,0.6,0.2,0.9,1,1,2',
    'gsm8k,s/1,29,5,1,2,5,1,1,0.95,0.1,0.9,0,1,2',
  ]);
  const [panel] = chart!.panels;
  expect(panel!.title).toBe('"1" at 29 of s/1: waited 1');
  const dots = panel!
    .marks('dot')
    .map(({ x, y }) => [panel!.xValue(x).toFixed(1), panel!.yValue(y).toFixed(2)]);
  // Right predictions first, then others.
  expect(dots).toEqual([
    ['1.0', '0.60'],
    ['2.0', '0.95'],
    ['0.0', '0.40'],
  ]);
  expect(panel!.marks('rule').map(({ y }) => panel!.yValue(y).toFixed(2))).toEqual(['0.90']);
  expect(panel!.marks('rule-label').map(({ text }) => text)).toEqual(['tau 0.9']);
});

test('tau by step: a line and a band for every method', async () => {
  const [chart] = await drawn('tau.csv', [
    'benchmark,method,alpha,beta,step,n,mean,q25,median,q75',
    ...[0, 1, 2].map((step) => `gsm8k,paper,0.001,0.0008,${step},9,0.9,0.8,0.9,0.95`),
    ...[0, 1, 2].map((step) => `gsm8k,released,0.01,0.15,${step},9,0.5,0.3,0.5,0.6`),
  ]);
  const [panel] = chart!.panels;
  expect([panel!.marks('line').length, panel!.marks('band').length]).toEqual([2, 2]);
  expect(chart!.texts).toContain('released (alpha 0.01, beta 0.15)');
});

describe('what is no such file', () => {
  test('without any there is no picture', async () => {
    expect(await drawn('other.csv', ['a', '1'])).toEqual([]);
  });

  test.each([
    [
      'layer,scope,metric,spearman,published_source',
      'row 2: there is no column measure; make the figure again with its command.',
    ],
    [
      'layer,scope,measure,spearman,published_source',
      'row 2: spearman is "x" and not a number; make the figure again.',
    ],
  ])('%s: says row and column', async (head, message) => {
    const draw = drawn('figure4.csv', [head, '0,response,key,x,']);
    await expect(draw).rejects.toThrow(UsageError);
    await expect(draw).rejects.toThrow(message);
  });
});

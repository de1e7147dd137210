import { readdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.js';
import { certaintyLabel, publishedFigures, readPaperRows } from '../../src/results/paper.js';

const folder = join(packageRoot, 'results', 'paper');
const table1 = await readPaperRows(join(folder, 'table1.csv'));

describe('published figures of Table 1', () => {
  test('what the paper states wins over who quotes it', () => {
    const figures = publishedFigures(table1, { method: 'dynamic-dllm-apd', benchmark: 'gsm8k' });
    expect(figures).toMatchObject({
      tps: { value: 37.29, certainty: 'stated' },
      speedup: { value: 4.48, certainty: 'stated' },
    });
    expect(figures.accuracy).toBeUndefined();
    expect(certaintyLabel(figures)).toBe('tps=stated;speedup=stated');
  });

  test('accuracies are shares; a bound (> 2.5x) gives way to a figure', () => {
    const figures = publishedFigures(table1, { method: 'dynamic-dllm', benchmark: 'average' });
    expect(figures.accuracy!.value).toBeCloseTo(0.5951, 12);
    expect(figures.speedup).toMatchObject({ value: 2.63, certainty: 'secondary' });
    expect(table1.filter(({ relation }) => relation === '>')).toHaveLength(1);
  });

  test('derived figures say so, unknown ones are missing', () => {
    expect(publishedFigures(table1, { method: 'fast-dllm', benchmark: 'gsm8k' }).tps).toMatchObject({
      value: 22.71,
      certainty: 'derived',
    });
    expect(publishedFigures(table1, { method: 'vanilla', benchmark: 'mmlu' })).toEqual({});
    const other = { model: 'llada-1.5', method: 'vanilla', benchmark: 'gsm8k' };
    expect(publishedFigures(table1, other)).toEqual({});
    expect(certaintyLabel(undefined)).toBe('');
  });
});

describe('published figures of Table 7', async () => {
  const table7 = await readPaperRows(join(folder, 'table7.csv'));
  const find = (params: Record<string, number>) =>
    publishedFigures(table7, { method: 'apd', benchmark: 'gsm8k', params });
  const [alpha, beta] = ['method.unmask.alpha', 'method.unmask.beta'] as const;

  test('are found by the settings that they are of', () => {
    const figures = find({ [alpha]: 0.01, [beta]: 0.008 });
    expect(figures.accuracy!.value).toBeCloseTo(0.6975, 12);
    expect(figures.nfe).toMatchObject({ value: 54, certainty: 'secondary' });
    expect(find({ [alpha]: 0.1, [beta]: 0.08, 'generation.steps': 128 }).nfe?.value).toBe(16);
  });

  test('are of no other settings, nor of none', () => {
    expect(find({ [alpha]: 0.01, [beta]: 0.08 })).toEqual({});
    expect(find({ [alpha]: 0.01 })).toEqual({});
    expect(find({})).toEqual({});
  });

  test('count as certain in summary.csv only where it has a column', () => {
    expect(certaintyLabel(find({ [alpha]: 0.01, [beta]: 0.008 }))).toBe('accuracy=secondary');
  });
});

test('every file loads, speaks of this paper only, and names its source', async () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.csv'));
  expect(names).toContain('table3.csv');
  for (const name of names) {
    const rows = await readPaperRows(join(folder, name));
    expect(rows.length).toBeGreaterThan(0);
    for (const { source, published_model } of rows) {
      expect(source).not.toMatch(/Sparse-dLLM|d2Cache|2505\.|2509\.|2506\.06295|third-party/);
      expect(source).not.toBe('');
      expect(published_model).not.toBe('');
    }
  }
});

test('a table of another kind is refused', async () => {
  const path = join(tmpdir(), `repro-paper-${process.pid}.csv`);
  await writeFile(path, 'table,model\nTable 1,x\n');
  await expect(readPaperRows(path)).rejects.toMatchObject({ code: 'PAPER_INVALID' });
  await rm(path);
});

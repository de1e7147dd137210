import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type ReadOptions, readRows } from '../../../src/formats/records/read-rows.js';

const data = process.env.REPRO_DATA_DIR ?? '';
const mmlu: ReadOptions = {
  csvColumns: { kind: 'named', names: ['question', 'A', 'B', 'C', 'D', 'answer'] },
};

beforeEach((context) => {
  context.skip(data === '', 'REPRO_DATA_DIR is not set');
});

async function values<T = unknown>(path: string, options?: ReadOptions): Promise<T[]> {
  return (await readRows(join(data, path), options)).rows.map(({ value }) => value as T);
}

const filesIn = (folder: string, ending: string) =>
  readdirSync(join(data, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => `${folder}/${name}`);

describe('the data sets', () => {
  test.each([
    ['gsm8k/test.jsonl', 1319, ['question', 'answer']],
    ['gsm8k/train.jsonl', 7473, ['question', 'answer']],
    ['humaneval/HumanEval.jsonl.gz', 164, ['task_id', 'prompt', 'entry_point', 'canonical_solution', 'test']],
    ['arc_challenge/test.jsonl', 1172, ['id', 'question', 'choices', 'answerKey']],
    ['arc_challenge/train.jsonl', 1119, ['id', 'question', 'choices', 'answerKey']],
    ['math/test.jsonl', 5000, ['problem', 'level', 'type', 'solution']],
  ])('%s has %d rows', async (path, count, fields) => {
    const rows = await values<object>(path);
    expect(rows).toHaveLength(count);
    for (const row of rows) expect(Object.keys(row).sort()).toEqual([...fields].sort());
  });

  test.each([
    ['dev', 285],
    ['test', 14042],
  ])('MMLU %s has %d rows in 57 files without a header', async (split, count) => {
    const files = filesIn(`mmlu/${split}`, '.csv');
    expect(files).toHaveLength(57);
    let rows = 0;
    for (const file of files) {
      for (const row of await values<{ answer: string }>(file, mmlu)) {
        expect(row.answer).toMatch(/^[A-D]$/);
        rows++;
      }
    }
    expect(rows).toBe(count);
  });

  test('have the SHA-256 of the files on the disk', async () => {
    const { sha256 } = await readRows(join(data, 'humaneval/HumanEval.jsonl.gz'));
    expect(sha256).toBe('b796127e635a67f93fb35c04f4cb03cf06f38c8072ee7cee8833d7bee06979ef');
  });
});

describe('the Parquet files', () => {
  test('can all be read, and hold plain values only', async () => {
    const files = [...filesIn('parquet', '.parquet'), ...filesIn('parquet-variants', '.parquet')];
    expect(files).toHaveLength(32);
    for (const file of files) {
      const rows = await values(file);
      expect(rows, file).toStrictEqual(JSON.parse(JSON.stringify(rows)));
    }
  });

  test.each([
    ['openai/gsm8k/main/test', 'gsm8k/test.jsonl', 200],
    ['openai/gsm8k/main/train', 'gsm8k/train.jsonl', 200],
    ['openai/openai_humaneval/openai_humaneval/test', 'humaneval/HumanEval.jsonl.gz', 164],
    ['allenai/ai2_arc/ARC-Challenge/train', 'arc_challenge/train.jsonl', 60],
  ])('%s holds the first rows of %s', async (name, source, count) => {
    const rows = await values(`parquet/${name}-00000-of-00001.parquet`);
    expect(rows).toEqual((await values(source)).slice(0, count));
  });

  test.each([
    'EleutherAI/hendrycks_math',
    'allenai/ai2_arc',
  ])('%s holds rows of the whole set', async (set) => {
    const wholes = ['math/test.jsonl', 'arc_challenge/test.jsonl', 'arc_challenge/train.jsonl'];
    const known = new Set((await Promise.all(wholes.map((path) => values<object>(path)))).flat().map(sorted));
    for (const file of filesIn(`parquet/${set}`, '.parquet')) {
      for (const row of await values<object>(file)) expect(known).toContain(sorted(row));
    }
  });

  test('of MMLU hold the rows of the CSV files', async () => {
    for (const file of filesIn('parquet/cais/mmlu', '.parquet').filter((name) => !name.includes('/all/'))) {
      const [subject, split] = file
        .split('/')
        .slice(3)
        .map((part) => part.replace(/-.*/, '')) as [string, string];
      const csv = await values<Record<string, string>>(`mmlu/${split}/${subject}_${split}.csv`, mmlu);
      const rows = await values(file);
      const expected = csv.slice(0, rows.length).map(({ question, A, B, C, D, answer }) => {
        return { question, subject, choices: [A, B, C, D], answer: 'ABCD'.indexOf(answer!) };
      });
      expect(rows, file).toEqual(expected);
    }
  });
});

function sorted(row: object): string {
  return JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
}

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CsvTable } from '../../src/formats/csv.js';
import { mmluCategories, mmluCategory, mmluSubjects } from '../../src/results/mmlu-categories.js';
import { type SampleRow, sampleRow } from '../../src/results/samples.js';
import { readScores, type ScoreRow, scoreColumns, scoreRows, writeScores } from '../../src/results/scores.js';
import { wilsonInterval } from '../../src/stats/wilson.js';
import { sampleOf } from './rows.js';

const key = {
  experiment: 'e',
  model: 'm',
  method: 'vanilla',
  benchmark: 'gsm8k',
  profile: 'lm-eval',
  seed: '7',
  limit: null,
};

/** A sample with the verdicts of two scorers, written `10` for right and wrong. */
function judged(name: string, verdicts: string, group?: string): SampleRow {
  const [strict, flexible] = [...verdicts].map((digit) => digit === '1');
  return sampleOf(name, {
    correct: strict!,
    ...(group === undefined ? {} : { group }),
    scores: {
      'strict-match': { extracted: strict ? '4' : null, correct: strict! },
      'flexible-extract': { extracted: '4', correct: flexible! },
    },
  });
}

const counts = (rows: readonly ScoreRow[]) =>
  rows.map(({ scorer, group, n, correct, accuracy }) => [scorer, group, n, correct, accuracy]);

describe('scores of a cell', () => {
  it('are one row per scorer, the deciding one first', () => {
    const samples = [judged('a', '11'), judged('b', '01'), judged('c', '00'), judged('d', '01')];
    const rows = scoreRows([{ key, samples }]);
    expect(counts(rows)).toEqual([
      ['strict-match', '', 4, 1, 0.25],
      ['flexible-extract', '', 4, 3, 0.75],
    ]);
    const { low, high } = wilsonInterval(3, 4);
    expect(rows[1]).toEqual({
      ...{ ...key, limit: '', scorer: 'flexible-extract', group: '', n: 4, correct: 3, accuracy: 0.75 },
      accuracy_low: low,
      accuracy_high: high,
    });
  });

  it('have a row per group by name, and no means where groups are no MMLU subjects', () => {
    const samples = [
      judged('a', '11', 'Geometry'),
      judged('b', '01', 'Algebra'),
      judged('c', '01', 'Algebra'),
    ];
    expect(counts(scoreRows([{ key, samples }]))).toEqual([
      ['strict-match', '', 3, 1, 1 / 3],
      ['strict-match', 'Algebra', 2, 0, 0],
      ['strict-match', 'Geometry', 1, 1, 1],
      ['flexible-extract', '', 3, 3, 1],
      ['flexible-extract', 'Algebra', 2, 2, 1],
      ['flexible-extract', 'Geometry', 1, 1, 1],
    ]);
  });

  it('have subjects, categories and both means of MMLU', () => {
    const one = (name: string, group: string, correct: boolean) =>
      sampleOf(name, { group, correct, scores: { letter: { extracted: 'A', correct } } });
    const samples = [
      one('a', 'virology', true),
      one('b', 'anatomy', true),
      one('c', 'anatomy', false),
      one('d', 'astronomy', false),
      one('e', 'virology', true),
      one('f', 'virology', true),
    ];
    expect(counts(scoreRows([{ key: { ...key, benchmark: 'mmlu' }, samples }]))).toEqual([
      ['letter', '', 6, 4, 4 / 6],
      ['letter', 'anatomy', 2, 1, 0.5],
      ['letter', 'astronomy', 1, 0, 0],
      ['letter', 'virology', 3, 3, 1],
      ['letter', 'stem', 3, 1, 1 / 3],
      ['letter', 'other', 3, 3, 1],
      ['letter', 'weighted', 6, 4, 4 / 6],
      ['letter', 'unweighted', 6, null, 0.5],
    ]);
  });

  it('count a sample that failed as wrong by every scorer, also where all of a cell failed', () => {
    const failed = (name: string) =>
      sampleOf(name, { error: 'CANVAS_TOO_LONG: x', extracted: null, correct: false, output: null });
    const broken = { ...key, method: 'broken' };
    const rows = scoreRows([
      { key, samples: [judged('a', '11'), failed('b')] },
      { key: broken, samples: [failed('a'), failed('b')] },
    ]);
    expect(counts(rows)).toEqual([
      ['strict-match', '', 2, 1, 0.5],
      ['flexible-extract', '', 2, 1, 0.5],
      ['strict-match', '', 2, 0, 0],
      ['flexible-extract', '', 2, 0, 0],
    ]);
    expect(rows.map(({ method }) => method)).toEqual(['vanilla', 'vanilla', 'broken', 'broken']);
  });

  it('count an error of one scorer for that one alone', () => {
    const sample = sampleOf('a', {
      error: 'sandbox: no worker',
      correct: false,
      scores: {
        plain: { extracted: 'x', correct: false, error: 'sandbox: no worker' },
        odd: { extracted: 'x', correct: true, error: 'sandbox: no worker' },
        other: { extracted: 'x', correct: true },
      },
    });
    expect(counts(scoreRows([{ key, samples: [sample] }]))).toEqual([
      ['plain', '', 1, 0, 0],
      ['odd', '', 1, 0, 0],
      ['other', '', 1, 1, 1],
    ]);
  });

  it('are those of one nameless scorer in files from before', () => {
    const old = [sampleOf('a'), sampleOf('b', { correct: false }), sampleOf('c', { error: 'stalled' })];
    expect(counts(scoreRows([{ key, samples: old }]))).toEqual([['', '', 3, 1, 1 / 3]]);
    // A run that an older version began: the scorer that decides has all samples, the other one its own.
    expect(counts(scoreRows([{ key, samples: [...old, judged('d', '01')] }]))).toEqual([
      ['strict-match', '', 4, 1, 0.25],
      ['flexible-extract', '', 2, 1, 0.5],
    ]);
  });
});

describe('samples.jsonl', () => {
  it('loads rows with and without scores and groups', () => {
    for (const row of [sampleOf('a'), judged('a', '01', 'virology')]) {
      expect(sampleRow.parse(JSON.parse(JSON.stringify(row)))).toEqual(row);
    }
  });
});

describe('categories of MMLU', () => {
  it('are four with 13, 12, 19 and 13 subjects', () => {
    expect(
      mmluCategories.map((id) => mmluSubjects.filter((subject) => mmluCategory(subject) === id).length),
    ).toEqual([13, 12, 19, 13]);
    expect(new Set(mmluSubjects).size).toBe(57);
    expect(mmluCategory('chess')).toBeUndefined();
  });

  it('are those of the table of subjects', async () => {
    const file = new URL('../fixtures/mmlu-subjects.csv', import.meta.url);
    const table = new CsvTable(await readFile(file, 'utf8'), 'mmlu-subjects.csv');
    expect(table.rowCount).toBe(57);
    for (let row = 0; row < table.rowCount; row++) {
      const [subject, category] = [table.cell(row, 0), table.cell(row, 1)];
      expect(mmluCategory(subject), subject).toBe(category);
    }
  });
});

describe('scores.csv', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'repro-scores-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('comes back as it was written, to six digits', async () => {
    const path = join(folder, 'scores.csv');
    const samples = [
      judged('a', '11', 'virology'),
      judged('b', '01', 'anatomy'),
      judged('c', '01', 'anatomy'),
    ];
    const rows = scoreRows([{ key, samples }]);
    await writeScores(path, rows);
    const text = await readFile(path, 'utf8');
    expect(text.split('\n')[0]).toBe(
      'experiment,model,method,benchmark,profile,seed,limit,scorer,group,n,correct,accuracy,accuracy_low,accuracy_high',
    );
    expect(text).toContain('\ne,m,vanilla,gsm8k,lm-eval,7,,strict-match,unweighted,3,,0.5,,\n');
    const read = await readScores(path);
    expect(read.map((row) => Object.keys(row))).toEqual(rows.map(() => [...scoreColumns]));
    expect(counts(read)).toEqual(
      counts(rows).map((row) =>
        row.map((cell) => (typeof cell === 'number' ? Number(cell.toPrecision(6)) : cell)),
      ),
    );
  });

  it('is refused in one sentence where it is damaged', async () => {
    const path = join(folder, 'bad.csv');
    await writeFile(path, 'experiment,model\ne,m\n');
    await expect(readScores(path)).rejects.toThrow(
      `${path}, row 1: column "method" is missing; delete the file, and the scores are taken from samples.jsonl again.`,
    );
    await writeFile(path, `${scoreColumns.join(',')}\ne,m,v,b,p,1,,s,,many,1,1,1,1\n`);
    await expect(readScores(path)).rejects.toThrow('column "n" is "many", but it must be a number or empty');
  });
});

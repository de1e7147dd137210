import { describe, expect, test } from 'vitest';
import { type PairedCell, pairedColumns } from '../../src/results/paired.js';
import type { SampleRow } from '../../src/results/samples.js';
import { sampleOf } from './rows.js';

interface Shape {
  readonly n: number;
  readonly gained: number;
  readonly lost: number;
  /** Tokens to end-of-text of every answer of the method; the baseline's are 10. */
  readonly length?: number;
}

/** `n` rows of one cell. */
function rows(cell: string, n: number, correct: (i: number) => boolean, length = 10): SampleRow[] {
  return Array.from({ length: n }, (_, i) =>
    sampleOf(`s${i}`, {
      cell,
      correct: correct(i),
      output: { tokens: { canvas: 16, toEos: length, nonEos: length, retokenised: length } },
    }),
  );
}

/** A method that gains the first samples and loses the next ones; all others are right with both. */
function cellOf(id: string, { n, gained, lost, length = 10 }: Shape): PairedCell {
  return {
    samples: rows(id, n, (i) => i < gained || i >= gained + lost, length),
    baseline: rows('vanilla', n, (i) => i >= gained),
  };
}

const verdicts = (cells: readonly PairedCell[]): string[] =>
  pairedColumns(cells).map(({ verdict }) => verdict);

describe('the paired columns of one benchmark', () => {
  test('accuracy and speed-up, each in words', () => {
    expect(
      verdicts([
        cellOf('better', { n: 200, gained: 20, lost: 2 }),
        cellOf('worse', { n: 200, gained: 3, lost: 60 }),
        cellOf('same', { n: 400, gained: 0, lost: 0, length: 9 }),
        cellOf('brief', { n: 400, gained: 0, lost: 0, length: 7 }),
      ]),
    ).toEqual([
      'better; speed-up valid',
      'worse; speed-up not valid: accuracy is 28.5 points lower',
      'same within 1 point; speed-up valid',
      'same within 1 point; speed-up not valid: answers are 70 % as long',
    ]);
  });

  test('the methods are one family: the verdict goes by Holm, mcnemar_p stays raw', () => {
    const shape = { n: 200, gained: 14, lost: 4 };
    const [alone] = pairedColumns([cellOf('a', shape)]);
    expect(alone).toMatchObject({ accuracy_delta: 0.05, verdict: expect.stringMatching(/^better;/) });
    const others = ['b', 'c', 'd'].map((id) => cellOf(id, { n: 200, gained: 2, lost: 1 }));
    const [together] = pairedColumns([cellOf('a', shape), ...others]);
    expect(together!.mcnemar_p).toBe(alone!.mcnemar_p);
    expect(together!.mcnemar_p).toBeCloseTo(0.0309, 4);
    expect(together!.verdict).toMatch(/^cannot tell with n = 200 /);
  });

  test('cells with another baseline, so on another benchmark, are another family', () => {
    const here = cellOf('a', { n: 200, gained: 14, lost: 4 });
    const elsewhere = ['b', 'c', 'd'].map((id) => {
      const cell = cellOf(id, { n: 200, gained: 2, lost: 1 });
      return { ...cell, baseline: cell.baseline.map((row) => ({ ...row, cell: 'math/vanilla' })) };
    });
    expect(verdicts([here, ...elsewhere])[0]).toBe('better; speed-up valid');
  });

  test('neither the baseline nor a cell without pairs is of the family', () => {
    const shape = { n: 200, gained: 14, lost: 4 };
    const { baseline } = cellOf('a', shape);
    const strangers = {
      samples: rows('b', 3, () => true).map((row) => ({ ...row, sample: `x${row.sample}` })),
      baseline,
    };
    expect(
      pairedColumns([
        { samples: baseline, baseline },
        cellOf('a', shape),
        strangers,
        { samples: [], baseline: [] },
        { samples: rows('c', 3, () => true), baseline: [] },
      ]).map((columns) => ({ ...columns, verdict: columns.verdict.split(';')[0] })),
    ).toEqual([
      { accuracy_delta: 0, mcnemar_p: 1, verdict: '' },
      { accuracy_delta: 0.05, mcnemar_p: expect.closeTo(0.0309, 4), verdict: 'better' },
      ...Array.from({ length: 3 }, () => ({ accuracy_delta: null, mcnemar_p: null, verdict: '' })),
    ]);
  });

  test('a sample that failed counts as wrong, and its length not at all', () => {
    const cell = cellOf('a', { n: 400, gained: 0, lost: 0 });
    const samples = cell.samples.map(
      (row, i): SampleRow => (i < 100 ? { ...row, error: 'stalled', correct: false, output: null } : row),
    );
    expect(pairedColumns([{ ...cell, samples }])[0]).toMatchObject({
      accuracy_delta: -0.25,
      verdict: 'worse; speed-up not valid: accuracy is 25.0 points lower',
    });
    const allFailed = cell.samples.map(
      (row): SampleRow => ({ ...row, correct: false, error: 'x', output: null }),
    );
    expect(verdicts([{ ...cell, samples: allFailed }])).toEqual(['worse']);
  });

  test('where the baseline says nothing, nothing is too short', () => {
    const silent = { n: 400, gained: 0, lost: 0, length: 0 };
    const { samples } = cellOf('a', silent);
    const baseline = rows('vanilla', 400, () => true, 0);
    expect(verdicts([{ samples, baseline }])).toEqual(['same within 1 point; speed-up valid']);
  });
});

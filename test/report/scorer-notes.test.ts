import { describe, expect, it } from 'vitest';
import { scorerNotes } from '../../src/report/scorer-notes.js';
import type { ScoreRow } from '../../src/results/scores.js';

function row(
  method: string,
  benchmark: string,
  scorer: string,
  accuracy: number | null,
  group = '',
): ScoreRow {
  return {
    ...{
      experiment: 'table1',
      model: 'reference',
      method,
      benchmark,
      profile: 'mini',
      seed: '1',
      limit: '8',
      scorer,
      group,
    },
    ...{ n: 8, correct: null, accuracy, accuracy_low: null, accuracy_high: null },
  };
}

const names = {
  benchmarks: [
    { id: 'gsm8k', title: 'GSM8K' },
    { id: 'mmlu', title: 'MMLU' },
  ],
  method: ({ method }: ScoreRow) => ({ vanilla: 'baseline', 'fast-dllm': 'Fast-dLLM' })[method],
};
const gsm8k = (method: string, strict: number | null, flexible: number) => [
  row(method, 'gsm8k', 'strict-match', strict),
  row(method, 'gsm8k', 'flexible-extract', flexible),
];

describe('scorer notes', () => {
  it('show the scorers of one method side by side', () => {
    expect(scorerNotes(gsm8k('vanilla', 0.405, 0.78), names)).toEqual([
      'GSM8K  strict-match 40.5  flexible-extract 78.0',
    ]);
  });

  it('show those of several methods on one line', () => {
    const rows = [...gsm8k('vanilla', 0.405, 0.78), ...gsm8k('fast-dllm', null, 0.777)];
    expect(scorerNotes(rows, names)).toEqual([
      'GSM8K  strict-match / flexible-extract: baseline 40.5 / 78.0; Fast-dLLM - / 77.7',
    ]);
  });

  it('show both means of MMLU, and no single subject', () => {
    const rows = [
      row('vanilla', 'mmlu', 'letter', 0.6),
      row('vanilla', 'mmlu', 'letter', 0.1, 'virology'),
      row('vanilla', 'mmlu', 'letter', 0.6, 'weighted'),
      row('vanilla', 'mmlu', 'letter', 0.591, 'unweighted'),
    ];
    expect(scorerNotes(rows, names)).toEqual(['MMLU  weighted 60.0  unweighted 59.1']);
    const second = rows.map((one) => ({ ...one, scorer: 'capital' }));
    expect(scorerNotes([...rows, ...second], names)).toEqual([
      'MMLU  letter weighted 60.0  letter unweighted 59.1  capital weighted 60.0  capital unweighted 59.1',
    ]);
  });

  it('say nothing of one scorer, of methods that are not shown, and of other benchmarks', () => {
    expect(scorerNotes([row('vanilla', 'gsm8k', 'strict-match', 1)], names)).toEqual([]);
    expect(scorerNotes(gsm8k('hidden', 1, 1), names)).toEqual([]);
    expect(scorerNotes(gsm8k('vanilla', 1, 1), { ...names, benchmarks: [] })).toEqual([]);
    expect(scorerNotes([], names)).toEqual([]);
  });

  it('keep cells of one method apart: models, and repeats with another seed', () => {
    const other = gsm8k('vanilla', 0.2, 0.3).map((one) => ({ ...one, model: 'second' }));
    const rows = [...gsm8k('vanilla', 0.5, 0.6), ...gsm8k('vanilla', 0.7, 0.8), ...other];
    expect(scorerNotes(rows, names)).toEqual([
      'GSM8K  strict-match / flexible-extract: baseline 50.0 / 60.0; baseline 70.0 / 80.0; baseline 20.0 / 30.0',
    ]);
  });
});

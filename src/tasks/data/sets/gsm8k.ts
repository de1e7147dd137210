import type { DataSet } from '../data-set.js';

/** Grade-school word problems (Cobbe et al. 2021). */
export const gsm8k: DataSet = {
  id: 'gsm8k',
  records: 'gsm8k',
  title: 'GSM8K',
  hub: 'openai/gsm8k',
  pull: [/^main\/(train|test)-.*\.parquet$/],
  gated: false,
  licence: 'MIT',
  upstream: 'GitHub openai/grade-school-math, grade_school_math/data/{train,test}.jsonl',
  folders: ['gsm8k', 'grade-school-math'],
  rows: { train: 7473, test: 1319 },
  layouts: [
    {
      kind: 'upstream',
      files: (split) => [
        `${split}.jsonl`,
        `${split}.jsonl.gz`,
        `data/${split}.jsonl`,
        `grade_school_math/data/${split}.jsonl`,
        `${split}.json`,
      ],
    },
    { kind: 'hub', files: (split) => [`main/${split}-*.parquet`, `main/${split}.parquet`] },
  ],
};

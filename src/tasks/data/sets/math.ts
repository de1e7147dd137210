import type { DataSet } from '../data-set.js';

/** Competition problems of seven kinds (Hendrycks et al. 2021). */
export const math: DataSet = {
  id: 'math',
  records: 'math',
  title: 'MATH',
  hub: 'EleutherAI/hendrycks_math',
  pull: [/^[a-z_]+\/(train|test)-.*\.parquet$/],
  gated: false,
  licence: 'MIT',
  upstream: 'MATH.tar of GitHub hendrycks/math, MATH/{train,test}/<type>/<n>.json',
  folders: ['math', 'MATH', 'hendrycks_math', 'competition_math'],
  rows: { train: 7500, test: 5000 },
  layouts: [
    {
      kind: 'upstream',
      files: (split) => [
        `${split}/{group}/*.json`,
        `MATH/${split}/{group}/*.json`,
        `${split}.jsonl`,
        `${split}/*/*.json`,
        `MATH/${split}/*/*.json`,
      ],
    },
    { kind: 'hub', files: (split) => [`{group}/${split}-*.parquet`, `*/${split}-*.parquet`] },
  ],
};

import type { DataSet } from '../data-set.js';

/** Python functions to complete, with tests (Chen et al. 2021). */
export const humaneval: DataSet = {
  id: 'humaneval',
  records: 'humaneval',
  title: 'HumanEval',
  hub: 'openai/openai_humaneval',
  pull: [/^openai_humaneval\/test-.*\.parquet$/],
  gated: false,
  licence: 'MIT',
  upstream: 'GitHub openai/human-eval, data/HumanEval.jsonl.gz',
  folders: ['humaneval', 'human-eval', 'human_eval'],
  rows: { test: 164 },
  layouts: [
    {
      kind: 'upstream',
      files: () => [
        'HumanEval.jsonl.gz',
        'HumanEval.jsonl',
        'data/HumanEval.jsonl.gz',
        'data/HumanEval.jsonl',
        'test.jsonl',
      ],
    },
    {
      kind: 'hub',
      files: (split) => [`openai_humaneval/${split}-*.parquet`, `${split}-*.parquet`],
    },
  ],
};

import { basename } from 'node:path';
import type { DataSet } from '../data-set.js';

const letters = ['A', 'B', 'C', 'D'];
const upstreamSplit = (split: string) => (split === 'validation' ? 'val' : split);

/** Multiple-choice questions of 57 subjects (Hendrycks et al. 2020). */
export const mmlu: DataSet = {
  id: 'mmlu',
  records: 'mmlu',
  title: 'MMLU',
  hub: 'cais/mmlu',
  pull: [/^all\/(dev|validation|test)-.*\.parquet$/],
  gated: false,
  licence: 'MIT',
  upstream: 'data.tar of GitHub hendrycks/test, {dev,val,test}/<subject>_<split>.csv',
  folders: ['mmlu', 'hendrycks_test'],
  splitWords: { val: 'validation' },
  rows: { dev: 285, validation: 1531, test: 14042 },
  layouts: [
    {
      kind: 'upstream',
      files: (split) => {
        const name = upstreamSplit(split);
        return [
          `${name}/{group}_${name}.csv`,
          `data/${name}/{group}_${name}.csv`,
          `${name}/*_${name}.csv`,
          `data/${name}/*_${name}.csv`,
        ];
      },
      csvColumns: { kind: 'named', names: ['question', 'A', 'B', 'C', 'D', 'answer'] },
      normalise: ({ question, A, B, C, D, answer }, path) => ({
        question,
        subject: basename(path).replace(/_(?:dev|val|test)\.csv(?:\.gz)?$/, ''),
        choices: [A, B, C, D],
        answer: letters.includes(String(answer)) ? letters.indexOf(String(answer)) : answer,
      }),
    },
    {
      kind: 'hub',
      files: (split) => [
        `{group}/${split}-*.parquet`,
        `all/${split}-*.parquet`,
        `*/${split}-*.parquet`,
        `${split}.jsonl`,
      ],
    },
  ],
};

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BENCHMARKS, testSet, trainStream } from './benchmarks.js';

/** The seed of the committed test files. */
export const SEED = 'repro-mini-1';

const toLines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Writes `<name>.test.jsonl` (records), and with `--train` the training and test pairs for the trainer. */
function main(): void {
  const { values } = parseArgs({
    options: {
      test: { type: 'string', default: 'tasks/mini' },
      train: { type: 'string' },
      count: { type: 'string', default: '30000' },
      seed: { type: 'string', default: SEED },
    },
  });
  mkdirSync(values.test, { recursive: true });
  if (values.train !== undefined) mkdirSync(values.train, { recursive: true });
  for (const benchmark of BENCHMARKS) {
    const test = testSet(benchmark, values.seed);
    writeFileSync(join(values.test, `${benchmark}.test.jsonl`), toLines(test.map(({ record }) => record)));
    if (values.train === undefined) continue;
    writeFileSync(join(values.train, `${benchmark}.test.jsonl`), toLines(test));
    const rows: unknown[] = [];
    for (const { prompt, response } of trainStream(benchmark, values.seed)) {
      if (rows.push({ prompt, response }) >= Number(values.count)) break;
    }
    writeFileSync(join(values.train, `${benchmark}.train.jsonl`), toLines(rows));
  }
}

if (process.argv[1]?.endsWith('generate.ts')) main();
